"""Terms and totals: the one function that says what buyers pay and vendors get.

The lot's page, the confirmation of a bid, invoices, settlements and the command line all call
calculate(). Pure: no database, no web, no clock. Amounts are minor units of one currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from auctionhouse.money.buyer import discounts, fees_once, sales_taxes, vat_lines
from auctionhouse.money.margin import Margin, margin_of
from auctionhouse.money.premium import buyers_parts, fee_parts
from auctionhouse.money.resale_right import royalty_parts
from auctionhouse.money.rounding import Line, Part, settle
from auctionhouse.money.terms import MoneyTerms, SoldLot, VendorTerms
from auctionhouse.money.vendor import VendorTotals, check_status, hammer_vat, vendor_charges
from auctionxchange.kernel.money import Currency

KINDS = (
    "hammer",
    "premium",
    "surcharge",
    "overhead",
    "fee",
    "discount",
    "vat",
    "sales_tax",
    "resale_right",
)
"""The kinds of a buyer's lines; their amounts add up to the total."""


@dataclass(frozen=True, slots=True)
class Calculation:
    """A buyer's invoice in lines, the vendor's side, and the house's own figures."""

    currency: Currency
    lines: Sequence[Line]
    royalties: Sequence[Line]
    vendor: VendorTotals | None
    margin: Margin | None

    @property
    def total(self) -> int:
        """Return what the buyer pays, minor units."""
        return sum(line.amount for line in self.lines)

    def sum_of(self, *kinds: str) -> int:
        """Return the sum of the buyer's lines of some kinds, minor units."""
        return sum(line.amount for line in self.lines if line.kind in kinds)

    def lot_total(self, lot: str) -> int:
        """Return what a lot costs its buyer in all; charges on the whole invoice left out."""
        return sum(line.amount for line in self.lines if line.lot == lot)


def calculate(
    lots: Sequence[SoldLot],
    terms: MoneyTerms,
    unit: Currency,
    *,
    sale_date: date,
    vendor: VendorTerms | None = None,
) -> Calculation:
    """Reckon an invoice over lots of one sale, and the vendor's side where a vendor is given.

    Raises ReckoningInvalid for terms that cannot be reckoned with and MarginForbidden where a
    vendor's status forbids the margin scheme.
    """
    if vendor is not None:
        check_status(lots, vendor)
    sold = [lot for lot in lots if lot.hammer is not None]
    charges = _charges(sold, terms)
    charges += settle(discounts(charges, terms), terms.round, terms.round_to)
    royalties = _royalties(sold, terms, unit, sale_date)
    bearer = terms.resale_right.borne_by if terms.resale_right else None
    lines = [
        *charges,
        *vat_lines(sold, charges, terms, sale_date),
        *sales_taxes(charges, terms),
        *(royalties if bearer == "buyer" else []),
    ]
    settled, tax = vendor_charges(lots, vendor, terms) if vendor is not None else ([], [])
    royalty = sum(line.amount for line in royalties) if bearer == "seller" else 0
    return Calculation(
        currency=unit,
        lines=lines,
        royalties=royalties,
        vendor=None
        if vendor is None
        else _vendor_totals(sold, vendor, terms, [*settled, *tax], royalty),
        margin=margin_of(sold, charges, settled, terms),
    )


def _charges(sold: Sequence[SoldLot], terms: MoneyTerms) -> list[Line]:
    """Return hammer prices, premiums, surcharges, overheads and fees of all sold lots."""
    parts: list[Part] = []
    for lot in sold:
        parts += buyers_parts(lot, terms)
        price = (lot.hammer or 0) * lot.quantity
        for fee in terms.fees:
            if fee.per == "lot":
                parts += fee_parts(lot.lot, fee, price)
    if sold:
        parts += fees_once(sold, terms)
    return settle(parts, terms.round, terms.round_to)


def _royalties(
    sold: Sequence[SoldLot], terms: MoneyTerms, unit: Currency, sale_date: date
) -> list[Line]:
    right = terms.resale_right
    if right is None:
        return []
    parts = [part for lot in sold for part in royalty_parts(lot, right, unit, sale_date)]
    return settle(parts, terms.round, terms.round_to)


def _vendor_totals(
    sold: Sequence[SoldLot],
    vendor: VendorTerms,
    terms: MoneyTerms,
    lines: Sequence[Line],
    royalty: int,
) -> VendorTotals:
    hammer = sum((lot.hammer or 0) * lot.quantity for lot in sold)
    commission, fees, vat = (
        sum(line.amount for line in lines if line.kind == kind)
        for kind in ("commission", "fee", "vat")
    )
    on_top = hammer_vat(sold, terms) if vendor.vat_registered else []
    return VendorTotals(
        hammer=hammer,
        commission=commission,
        fees=fees,
        vat=vat,
        resale_right=royalty,
        net=hammer - commission - fees - vat - royalty,
        hammer_vat=sum(line.amount for line in on_top),
        lines=lines,
        on_top=on_top,
    )


def divided(calculation: Calculation, lots: Sequence[str]) -> tuple[Calculation, Calculation]:
    """Split an invoice into one over some lots and one over the rest; the sums never change.

    What belongs to no lot stays with the rest. The vendor's side belongs to neither.
    """
    named = set(lots)
    parts = [
        Calculation(
            currency=calculation.currency,
            lines=[line for line in calculation.lines if (line.lot in named) is wanted],
            royalties=[line for line in calculation.royalties if (line.lot in named) is wanted],
            vendor=None,
            margin=None,
        )
        for wanted in (True, False)
    ]
    return parts[0], parts[1]
