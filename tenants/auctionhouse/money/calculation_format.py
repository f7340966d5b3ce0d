"""Lines of a calculation file: an invoice told as JSON, and what comes out of it.

docs/money-format.md is the specification of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from re import fullmatch
from typing import Any

from auctionhouse.money import reading
from auctionhouse.money.reading import Told
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.rules import Calculation
from auctionhouse.money.terms import Artist, MoneyTerms, SoldLot, VendorTerms
from auctionhouse.money.terms_format import read_terms, read_vendor
from auctionxchange.kernel.money import Currency, currency, decimal_string
from auctionxchange.kernel.translation import gettext as _

TREATMENTS = (
    "standard", "premium_only", "margin", "import_reduced", "import_standard", "zero", "outside",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invoice:
    """A line of a file, read."""

    id: Any
    currency: Currency
    sale_date: date
    lots: tuple[SoldLot, ...]
    labels: Mapping[str, str]
    """The lots' numbers by their places, which name them while they are reckoned."""

    terms: MoneyTerms
    vendor: VendorTerms | None


def read_invoice(line: Told, number: int, today: date) -> Invoice:
    """Read a line; raises ReckoningInvalid, or another refusal that says what to do."""
    code = line.get("currency")
    if not isinstance(code, str):
        raise ReckoningInvalid("currency", _("Name the currency by its code, such as GBP."))
    unit = reading.at("currency", lambda: currency(code))
    vendor = line.get("vendor")
    sale_date = reading.day(line, "sale_date") or today
    return Invoice(
        id=line.get("id", number),
        currency=unit,
        sale_date=sale_date,
        lots=_lots(line, unit, sale_date),
        labels={
            str(place): reading.text(lot, "lot", f"{name}.", str(place))
            for place, (name, lot) in enumerate(reading.objects(line, "lots"), start=1)
        },
        terms=read_terms(reading.part(line, "terms"), unit),
        vendor=None if vendor is None else read_vendor(reading.part(line, "vendor"), unit),
    )


_LOT_KEYS = (
    "lot hammer quantity vat artist bought_from_artist_on bought_for export_proof_on premium"
)


def _lots(line: Told, unit: Currency, sale_date: date) -> tuple[SoldLot, ...]:
    told = reading.objects(line, "lots")
    if not told:
        raise ReckoningInvalid("lots", _("Give at least one lot."))
    return tuple(
        _lot(lot, f"{name}.", place, unit, sale_date)
        for place, (name, lot) in enumerate(told, start=1)
    )


def _lot(told: Told, within: str, place: int, unit: Currency, sale_date: date) -> SoldLot:
    reading.only(told, _LOT_KEYS, within)
    if "hammer" not in told:
        raise ReckoningInvalid(
            f"{within}hammer", _("Give the hammer price, or null for an unsold lot.")
        )
    bought = reading.day(told, "bought_from_artist_on", within)
    if bought is not None and bought > sale_date:
        raise ReckoningInvalid(
            f"{within}bought_from_artist_on", _("The seller cannot have bought after the sale.")
        )
    return SoldLot(
        lot=str(place),
        hammer=reading.amount_or_none(told, "hammer", within, unit),
        quantity=reading.whole(told, "quantity", within, 1),
        vat=reading.choice(told, "vat", within, TREATMENTS),
        artist=_artist(told, within),
        bought_from_artist_on=bought,
        bought_for=reading.amount_or_none(told, "bought_for", within, unit),
        export_proof_on=reading.day(told, "export_proof_on", within),
        premium=None
        if told.get("premium") is None
        else reading.bands(told, "premium", within, unit),
    )


def _artist(told: Told, within: str) -> Artist | None:
    if told.get("artist") is None:
        return None
    artist, within = reading.part(told, "artist", within), f"{within}artist."
    reading.only(artist, "name nationality born died", within)
    named = artist.get("nationality")
    nations = named if isinstance(named, list) else [] if named is None else [named]
    if not all(isinstance(nation, str) and fullmatch("[A-Za-z]{2}", nation) for nation in nations):
        raise ReckoningInvalid(
            f"{within}nationality", _("Write the country by its two letters, such as FR.")
        )
    return Artist(
        nationalities=frozenset(nation.upper() for nation in nations),
        died=_year(artist.get("died"), f"{within}died"),
    )


def _year(value: Any, key: str) -> int | None:
    text = str(value) if type(value) is int else value
    if text is None:
        return None
    if not isinstance(text, str) or not fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        raise ReckoningInvalid(key, _("Write the year or the day of death, or null."))
    return int(text[:4])


def write_calculation(told: Invoice, found: Calculation) -> dict[str, Any]:
    """Write what came out of a line as JSON; amounts are decimal texts."""
    return {
        "id": told.id,
        "lines": [
            {
                "lot": None if line.lot is None else told.labels[line.lot],
                "kind": line.kind,
                "amount": decimal_string(line.amount, found.currency),
                "percent": None if line.percent is None else plain(line.percent),
                "base": None if line.base is None else decimal_string(line.base, found.currency),
                "rule": line.rule,
            }
            for line in found.lines
        ],
        "totals": _totals(found),
        "vendor": _vendor(found),
        "margin": _margin(found),
    }


def plain(percent: Decimal) -> str:
    """Write a rate without an exponent and without zeros that say nothing."""
    value = Fraction(percent)
    return str(value.numerator) if value.denominator == 1 else f"{percent.normalize():f}"


def _texts(amounts: Mapping[str, int], unit: Currency) -> dict[str, str]:
    return {name: decimal_string(value, unit) for name, value in amounts.items()}


def _totals(found: Calculation) -> dict[str, str]:
    amounts = {name: found.sum_of(name) for name in ("hammer", "premium", "surcharge", "overhead")}
    amounts["fees"] = found.sum_of("fee")
    if any(line.kind == "discount" for line in found.lines):
        amounts["discount"] = found.sum_of("discount")
    for name in ("vat", "sales_tax", "resale_right"):
        amounts[name] = found.sum_of(name)
    amounts["total"] = found.total
    return _texts(amounts, found.currency)


def _vendor(found: Calculation) -> dict[str, str] | None:
    if found.vendor is None:
        return None
    names = ("commission", "fees", "vat", "resale_right", "net")
    return _texts({name: getattr(found.vendor, name) for name in names}, found.currency)


def _margin(found: Calculation) -> dict[str, str] | None:
    if found.margin is None:
        return None
    names = ("selling_price", "purchase_price", "margin", "tax")
    return _texts({name: getattr(found.margin, name) for name in names}, found.currency)
