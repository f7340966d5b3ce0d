"""What the buyer is charged on top of the hammer price, before taxes."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from auctionhouse.money.bands import Band, slices
from auctionhouse.money.rounding import Part, hundredth, rounded
from auctionhouse.money.terms import Fee, MoneyTerms, SoldLot


def banded(
    lot: str,
    kind: str,
    bands: Sequence[Band],
    price: int,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    times: int = 1,
) -> list[Part]:
    """Return the parts of a charge in marginal bands, or its minimum or maximum in one part."""
    cut = slices(bands, price)
    total = sum((piece.exact for piece in cut), Fraction())
    limit, rule = (minimum, "minimum") if minimum is not None and total < minimum else (None, "")
    if limit is None and maximum is not None and total > maximum:
        limit, rule = maximum, "maximum"
    if limit is not None:
        return [Part(lot, kind, f"{kind}_{rule}", Fraction(limit), base=price, times=times)]
    return [
        Part(
            lot, kind, f"{kind}_band", piece.exact, piece.band.percent, rounded(piece.base), times
        )
        for piece in cut
    ]  # fmt: skip


def share(lot: str, kind: str, percent: Decimal, price: int, times: int = 1) -> Iterator[Part]:
    """Yield the part that is a percentage of a price, if there is one."""
    if percent:
        yield Part(lot, kind, kind, price * hundredth(percent), percent, price, times)


def fee_parts(lot: str | None, fee: Fee, price: int, kind: str = "fee") -> Iterator[Part]:
    """Yield a fee's fixed amount and its share of a price."""
    group = f"{fee.name}{'' if fee.taxed else ' untaxed'}"
    if fee.amount:
        exact = Fraction(fee.amount)
        yield Part(lot, kind, fee.name, exact, group=group, taxed=fee.taxed)
    if fee.percent:
        exact = price * hundredth(fee.percent)
        yield Part(lot, kind, fee.name, exact, fee.percent, price, group=group, taxed=fee.taxed)


def buyers_parts(lot: SoldLot, terms: MoneyTerms) -> list[Part]:
    """Return hammer price, premium, surcharge and overhead of a sold lot, for each piece."""
    hammer = lot.hammer or 0
    name, times = lot.lot, lot.quantity
    bands = terms.premium if lot.premium is None else lot.premium
    return [
        Part(name, "hammer", "hammer", Fraction(hammer), times=times),
        *banded(
            name, "premium", bands, hammer,
            minimum=terms.premium_minimum, maximum=terms.premium_maximum, times=times,
        ),
        *share(name, "surcharge", terms.surcharge_percent, hammer, times),
        *share(name, "overhead", terms.overhead_percent, hammer, times),
    ]  # fmt: skip
