"""A sale's and a lot's money terms as their rows keep them, made into what is reckoned with.

A sale's row keeps the object of a calculation file's `terms`, but for the rate from 0, which is
its own column, and with the treatment of lots that name none. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from auctionhouse.money import reading
from auctionhouse.money.calculation_format import TREATMENTS, plain
from auctionhouse.money.rules import Calculation, calculate
from auctionhouse.money.terms import Artist, MoneyTerms, SoldLot
from auctionhouse.money.terms_format import read_terms
from auctionhouse.money.vat import SYMBOLS
from auctionxchange.kernel.money import Currency

USUAL_TREATMENT = "premium_only"
OWN_KEYS = ("premium_above", "treatment")


@dataclass(frozen=True, slots=True)
class LotMoney:
    """What a lot's row says about money; nationality and died are the artist's."""

    vat: str | None = None
    premium: list[list[str]] | None = None
    quantity: int = 1
    bought_from_artist_on: date | None = None
    nationality: str | None = None
    died: int | None = None


def told_terms(stored: Mapping[str, Any], percent: Decimal) -> dict[str, Any]:
    """Return a sale's terms as a calculation file tells them."""
    told = {key: value for key, value in stored.items() if key not in OWN_KEYS}
    return {**told, "premium": [["0", plain(percent)], *stored.get("premium_above", [])]}


def terms_of_sale(stored: Mapping[str, Any], percent: Decimal, unit: Currency) -> MoneyTerms:
    """Return a sale's terms; raises ReckoningInvalid."""
    return read_terms(told_terms(stored, percent), unit)


def treatment_of(stored: Mapping[str, Any], lot: LotMoney) -> Any:
    """Return a lot's VAT treatment: its own, else the sale's, else the usual one."""
    found = lot.vat or stored.get("treatment")
    return found if found in TREATMENTS else USUAL_TREATMENT


def symbol_of(stored: Mapping[str, Any], lot: LotMoney) -> str:
    """Return what stands beside the lot for its VAT treatment, or nothing."""
    return SYMBOLS[treatment_of(stored, lot)]


def sold_lot(
    label: str, hammer: int, stored: Mapping[str, Any], lot: LotMoney, unit: Currency
) -> SoldLot:
    """Return a lot as it would be reckoned at a hammer price in minor units."""
    own = {"premium": lot.premium}
    return SoldLot(
        lot=label,
        hammer=hammer,
        quantity=lot.quantity,
        vat=treatment_of(stored, lot),
        artist=None
        if lot.nationality is None
        else Artist(nationalities=frozenset({lot.nationality}), died=lot.died),
        bought_from_artist_on=lot.bought_from_artist_on,
        premium=None if lot.premium is None else reading.bands(own, "premium", "lot.", unit),
    )


def cost_of(
    hammer: int,
    stored: Mapping[str, Any],
    percent: Decimal,
    lot: LotMoney,
    *,
    unit: Currency,
    on: date,
) -> Calculation:
    """Return what one lot costs its buyer at a hammer price, sold on a day."""
    terms = terms_of_sale(stored, percent, unit)
    return calculate([sold_lot("1", hammer, stored, lot, unit)], terms, unit, sale_date=on)
