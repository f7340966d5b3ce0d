"""What a consignor is charged and paid: commission, fees, the tax on both, and the net."""

from collections.abc import Sequence
from dataclasses import dataclass

from auctionhouse.money.premium import banded, fee_parts
from auctionhouse.money.refusals import MarginForbidden
from auctionhouse.money.rounding import Line, Part, hundredth, settle
from auctionhouse.money.terms import Fee, MoneyTerms, SoldLot, VendorTerms


@dataclass(frozen=True, slots=True)
class VendorTotals:
    """A vendor's side in minor units; net = hammer − commission − fees − vat − resale_right.

    hammer_vat is not in net: the tax on the hammer that a registered vendor accounts for and is
    paid on top, against their own tax invoice.
    """

    hammer: int
    commission: int
    fees: int
    vat: int
    resale_right: int
    net: int
    hammer_vat: int
    lines: Sequence[Line]
    on_top: Sequence[Line] = ()
    """The hammer's tax lot by lot, which hammer_vat is the sum of."""


def check_status(lots: Sequence[SoldLot], vendor: VendorTerms) -> None:
    """Refuse the margin scheme where the vendor's status forbids it; raises MarginForbidden."""
    for lot in lots:
        if lot.vat == "margin" and vendor.vat_registered and not vendor.declaration:
            raise MarginForbidden(lot=lot.lot)


def vendor_charges(
    lots: Sequence[SoldLot], vendor: VendorTerms, terms: MoneyTerms
) -> tuple[list[Line], list[Line]]:
    """Return commission and fees of all lots, and the VAT on them.

    Under the margin scheme the commission contains its tax (VATMARG04150); fees for other
    services are taxed in any case.
    """
    parts: list[Part] = []
    untaxed: set[tuple[str | None, str]] = set()
    for lot in lots:
        price = (lot.hammer or 0) * lot.quantity
        if lot.hammer is not None:
            parts += banded(
                lot.lot, "commission", vendor.commission, price,
                minimum=vendor.minimum, maximum=vendor.maximum,
            )  # fmt: skip
        for fee in vendor.fees:
            if fee.per == "lot" and _due(fee, lot):
                parts += fee_parts(lot.lot, fee, price)
        if lot.vat == "margin":
            untaxed.add((lot.lot, "commission"))
    hammers = sum((lot.hammer or 0) * lot.quantity for lot in lots)
    for fee in vendor.fees:
        if fee.per == "invoice":
            parts += fee_parts(None, fee, hammers)
    lines = settle(parts, terms.round, terms.round_to)
    taxed = [
        line.amount if line.taxed and (line.lot, line.kind) not in untaxed else 0 for line in lines
    ]
    return lines, _vat(lines, taxed, terms)


def hammer_vat(sold: Sequence[SoldLot], terms: MoneyTerms) -> list[Line]:
    """Return the tax on the hammer prices of lots sold with VAT on them."""
    percent = terms.vat.standard
    parts = [
        Part(lot.lot, "hammer_vat", "vat_standard", (lot.hammer or 0) * hundredth(percent), percent,
             lot.hammer, lot.quantity)
        for lot in sold
        if lot.vat == "standard" and percent
    ]  # fmt: skip
    return settle(parts, terms.round, 1, terms.vat.rounding)


def _due(fee: Fee, lot: SoldLot) -> bool:
    if lot.withdrawn:
        return fee.when == "withdrawn"
    return fee.when in {"always", "unsold" if lot.hammer is None else "sold"}


def _vat(lines: Sequence[Line], taxed: Sequence[int], terms: MoneyTerms) -> list[Line]:
    percent = terms.vat.standard
    bases: dict[str | None, int] = {}
    for line, amount in zip(lines, taxed, strict=True):
        bases[line.lot] = bases.get(line.lot, 0) + amount
    parts = [
        Part(lot, "vat", "vat_commission", base * hundredth(percent), percent, base)
        for lot, base in bases.items()
        if base and percent
    ]
    return settle(parts, terms.round, terms.round_to, terms.vat.rounding)
