"""The margin scheme's figures, which are the house's own and stand on no buyer's invoice.

Auctioneers: purchase price = hammer less commission, selling price = hammer plus what the buyer
is charged for the purchase (VATMARG04150). Dealers: what the house itself paid for the lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auctionhouse.money.rounding import Line, Part, settle
from auctionhouse.money.terms import MoneyTerms, SoldLot
from auctionhouse.money.vat import vat_inside


@dataclass(frozen=True, slots=True)
class Margin:
    """The sums over all lots under the scheme, minor units; a loss on one lot carries no tax."""

    selling_price: int
    purchase_price: int
    margin: int
    tax: int


def margin_of(
    sold: Sequence[SoldLot],
    charges: Sequence[Line],
    vendor: Sequence[Line],
    terms: MoneyTerms,
) -> Margin | None:
    """Return the margin over the lots under the scheme, or None where there are none."""
    under = [lot for lot in sold if lot.vat == "margin"]
    if not under:
        return None
    selling, buying, parts = 0, 0, []
    for lot in under:
        sale = sum(line.amount for line in charges if line.lot == lot.lot and line.taxed)
        cost = _purchase_price(lot, vendor)
        selling, buying = selling + sale, buying + cost
        exact = vat_inside(max(sale - cost, 0), terms.vat.standard)
        parts.append(Part(lot.lot, "margin_tax", "vat_margin", exact))
    tax = sum(line.amount for line in settle(parts, terms.round, 1, terms.vat.rounding))
    return Margin(selling, buying, selling - buying, tax)


def _purchase_price(lot: SoldLot, vendor: Sequence[Line]) -> int:
    if lot.bought_for is not None:
        return lot.bought_for
    commission = sum(
        line.amount for line in vendor if line.lot == lot.lot and line.kind == "commission"
    )
    return (lot.hammer or 0) * lot.quantity - commission
