"""What countries' laws say about the resale right; a house checks its own before relying on it.

Bands and cap: Directive 2001/84/EC, articles 3 and 4; thresholds as the collecting societies
publish them. The United Kingdom's limits are in pounds since 1 April 2024 and were in euros before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from auctionhouse.money.bands import Band
from auctionhouse.money.terms import Limits

POUNDS_SINCE = date(2024, 4, 1)

EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
    .split()
)  # fmt: skip
NATIONALITIES = EEA | frozenset(
    "AU BF BR CG CI CL CR DZ EC GB GN IQ LA MA MC MG ML NZ PE PH RS RU SN TN TR UY ME".split()
)
"""Artists of these countries share in resales in the countries below: the EEA, the United Kingdom
and those that grant the right in return (the UK Regulations of 2006 name them in schedule 2)."""


@dataclass(frozen=True, slots=True)
class Law:
    """A country's table and the currency its amounts are in."""

    currency: str
    limits: Limits


def _directive(threshold: int, first: str = "4") -> Limits:
    rates = (first, "3", "1", "0.5", "0.25")
    starts = (0, 50_000, 200_000, 350_000, 500_000)
    bands = tuple(Band(Fraction(s), Decimal(r)) for s, r in zip(starts, rates, strict=True))
    return Limits(bands=bands, threshold=Fraction(threshold), cap=Fraction(12_500))


_EURO_THRESHOLDS = {
    "AT": 2500, "BE": 2000, "CZ": 1500, "DE": 400, "ES": 800, "FR": 750,
    "IE": 3000, "IT": 3000, "LU": 3000, "NL": 3000, "PT": 3000,
}  # fmt: skip
LAWS: Mapping[str, Law] = {
    **{country: Law("EUR", _directive(least)) for country, least in _EURO_THRESHOLDS.items()},
    "DK": Law("EUR", _directive(300, "5")),
    "FI": Law("EUR", _directive(255, "5")),
    "GB": Law("GBP", _directive(1000)),
    "AU": Law(
        "AUD", Limits(bands=(Band(Fraction(), Decimal(5)),), threshold=Fraction(1000), cap=None)
    ),
}


def law_of(
    country: str | None, on: date, unit: str, *, threshold_known: bool = False
) -> Law | None:
    """Return a country's law on a day, or None where none is known here.

    Without a country it is the directive's table in the sale's currency. Of the EEA's other
    countries the directive is known, but not the threshold each has set.
    """
    if country is None:
        return Law(unit, _directive(0))
    law = LAWS.get(country)
    if law is None and country in EEA and threshold_known:
        return Law("EUR", _directive(0))
    if country == "GB" and law is not None and on < POUNDS_SINCE:
        return Law("EUR", law.limits)
    return law
