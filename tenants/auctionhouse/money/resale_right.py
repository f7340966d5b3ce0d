"""The artist's resale right: who has it, from which price, and how much it comes to.

Sources: Directive 2001/84/EC; the Artist's Resale Right Regulations 2006 as amended in 2024.
"""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from auctionhouse.money.bands import Band, slices
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.resale_countries import LAWS, NATIONALITIES, law_of
from auctionhouse.money.rounding import Part, rounded
from auctionhouse.money.terms import Limits, ResaleRight, SoldLot
from auctionhouse.money.vat import months_after
from auctionxchange.kernel.money import Currency
from auctionxchange.kernel.translation import gettext as _

YEARS_AFTER_DEATH = 70
STOCK_MONTHS = 36
_KIND = "resale_right"


def royalty_parts(lot: SoldLot, right: ResaleRight, unit: Currency, on: date) -> list[Part]:
    """Return the royalty due on one piece of a lot, in parts; empty where none is due.

    The base is the hammer price without premium and tax. Raises ReckoningInvalid where the
    country's table is not known or a rate of exchange is missing.
    """
    if lot.artist is None or lot.hammer is None or not entitled(lot, right, on):
        return []
    limits = in_minor_units(right, unit, on)
    price = lot.hammer
    if price < limits.threshold or from_stock(lot, limits, on):
        return []
    cut = slices(limits.bands, price)
    total = sum((piece.exact for piece in cut), Fraction())
    if limits.cap is not None and total > limits.cap:
        rule = "resale_right_cap"
        return [Part(lot.lot, _KIND, rule, limits.cap, base=price, times=lot.quantity)]
    return [
        Part(
            lot.lot, _KIND, "resale_right_band", piece.exact, piece.band.percent,
            rounded(piece.base), lot.quantity,
        )
        for piece in cut
    ]  # fmt: skip


def entitled(lot: SoldLot, right: ResaleRight, on: date) -> bool:
    """Tell whether the artist's nationality counts and the right still lasts.

    It lasts through the seventieth calendar year after the artist's death.
    """
    artist = lot.artist
    if artist is None:
        return False
    counted = right.nationalities
    if counted is None and right.country is not None:
        counted = NATIONALITIES
    known = counted is None or bool(counted & artist.nationalities)
    return known and (artist.died is None or on.year <= artist.died + YEARS_AFTER_DEATH)


def from_stock(lot: SoldLot, limits: Limits, on: date) -> bool:
    """Tell whether the seller bought from the artist less than three years ago, at a low price."""
    bought = lot.bought_from_artist_on
    if bought is None or lot.hammer is None:
        return False
    low = (
        lot.hammer <= limits.stock_limit
        if limits.stock_limit_counts
        else lot.hammer < limits.stock_limit
    )
    return low and on < months_after(bought, STOCK_MONTHS)


def in_minor_units(right: ResaleRight, unit: Currency, on: date) -> Limits:
    """Return the limits in minor units of the sale's currency, exact; raises ReckoningInvalid."""
    limits = right.limits
    if limits is None:
        limits = _own_limits(right, unit, on)
    worth = Fraction(1 if right.rate is None else right.rate) * 10**unit.exponent
    return Limits(
        bands=tuple(Band(band.start * worth, band.percent) for band in limits.bands),
        threshold=limits.threshold * worth,
        cap=None if limits.cap is None else limits.cap * worth,
        stock_limit=limits.stock_limit * worth,
        stock_limit_counts=limits.stock_limit_counts,
    )


def _own_limits(right: ResaleRight, unit: Currency, on: date) -> Limits:
    law = law_of(right.country, on, unit.code, threshold_known=right.threshold is not None)
    if law is None:
        raise ReckoningInvalid(
            "resale_right.country",
            _(
                "Give a threshold or bands of your own, or a country whose law is known here:"
                " %(countries)s.",
                countries=", ".join(sorted(LAWS)),
            ),
        )
    if law.currency != unit.code and right.rate is None:
        raise ReckoningInvalid(
            "resale_right.rate",
            _(
                "The limits are in %(limits)s: say how much %(currency)s one %(limits)s was worth"
                " on the day of the sale.",
                limits=law.currency,
                currency=unit.code,
            ),
        )
    return replace(
        law.limits,
        threshold=law.limits.threshold if right.threshold is None else right.threshold,
        cap=law.limits.cap if right.cap is None else right.cap,
    )
