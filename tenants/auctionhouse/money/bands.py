"""Tables of marginal rates: each percentage applies to its own slice of a price."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.rounding import hundredth
from auctionxchange.kernel.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Band:
    """From which amount on (minor units, or a fraction of them) which percentage applies."""

    start: Fraction
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Slice:
    """The share of a price that lies in one band, and what the band makes of it, both exact."""

    band: Band
    base: Fraction
    exact: Fraction


def check_bands(bands: Sequence[Band], key: str) -> None:
    """Refuse bands that leave a gap, overlap or take a negative rate; raises ReckoningInvalid."""
    if bands and bands[0].start != 0:
        raise ReckoningInvalid(
            key, _("The first band starts at 0, so that no amount is without a rate.")
        )
    for lower, upper in pairwise(bands):
        if upper.start <= lower.start:
            raise ReckoningInvalid(
                key, _("Each band starts above the one before it, so that no two overlap.")
            )
    if any(band.percent < 0 for band in bands):
        raise ReckoningInvalid(key, _("A rate is zero or more per cent."))


def slices(bands: Sequence[Band], price: int) -> list[Slice]:
    """Cut a price in minor units along the bands; slices of nothing are left out."""
    ends: list[Fraction | None] = [band.start for band in bands[1:]]
    found = []
    for band, end in zip(bands, [*ends, None], strict=False):
        top = Fraction(price) if end is None else min(Fraction(price), end)
        if top > band.start:
            base = top - band.start
            found.append(Slice(band, base, base * hundredth(band.percent)))
    return found
