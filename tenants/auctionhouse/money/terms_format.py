"""The terms of a sale and of a vendor as JSON: read here for files and for stored sales alike."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from auctionhouse.money import reading
from auctionhouse.money.reading import Told
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.terms import (
    STOCK_LIMIT,
    Fee,
    Limits,
    MoneyTerms,
    Rates,
    ResaleRight,
    SalesTax,
    VendorTerms,
)
from auctionxchange.kernel.money import Currency
from auctionxchange.kernel.translation import gettext as _

_TERMS = (
    "premium premium_minimum premium_maximum surcharge_percent overhead_percent discount_percent"
    " fees vat sales_tax place resale_right round round_to"
)
_TAXED = ("hammer", "premium", "fees", "surcharge", "overhead")


def read_terms(told: Told, unit: Currency) -> MoneyTerms:
    """Read a sale's money terms; raises ReckoningInvalid."""
    within = "terms."
    reading.only(told, _TERMS, within)
    least = reading.amount_or_none(told, "premium_minimum", within, unit)
    most = reading.amount_or_none(told, "premium_maximum", within, unit)
    _in_order(least, most, "terms.premium_maximum")
    step = reading.amount_or_none(told, "round_to", within, unit)
    if step == 0:
        raise ReckoningInvalid("terms.round_to", _("Amounts cannot be rounded to nothing."))
    return MoneyTerms(
        premium=reading.bands(told, "premium", within, unit),
        premium_minimum=least,
        premium_maximum=most,
        surcharge_percent=reading.percent(told, "surcharge_percent", within),
        overhead_percent=reading.percent(told, "overhead_percent", within),
        discount_percent=_discount(told, within),
        fees=_fees(told, within, unit),
        vat=_rates(told, within),
        sales_tax=_sales_tax(told, within),
        place=None if told.get("place") is None else reading.text(told, "place", within, ""),
        resale_right=_resale_right(told, within, unit),
        round=reading.choice(told, "round", within, ("line", "invoice")),
        round_to=step or 1,
    )


def read_vendor(told: Told, unit: Currency) -> VendorTerms:
    """Read what a vendor agreed to; raises ReckoningInvalid."""
    within = "vendor."
    reading.only(told, "commission minimum maximum fees vat_registered declaration", within)
    least = reading.amount_or_none(told, "minimum", within, unit)
    most = reading.amount_or_none(told, "maximum", within, unit)
    _in_order(least, most, "vendor.maximum")
    return VendorTerms(
        commission=reading.bands(told, "commission", within, unit),
        minimum=least,
        maximum=most,
        fees=_fees(told, within, unit),
        vat_registered=reading.yes_or_no(told, "vat_registered", within, default=False),
        declaration=reading.yes_or_no(told, "declaration", within, default=True),
    )


def _in_order(least: int | None, most: int | None, key: str) -> None:
    if least is not None and most is not None and least > most:
        raise ReckoningInvalid(key, _("The maximum cannot be below the minimum."))


def _discount(told: Told, within: str) -> Decimal:
    percent = reading.percent(told, "discount_percent", within)
    if percent > 100:  # noqa: PLR2004 - the whole
        raise ReckoningInvalid(
            f"{within}discount_percent", _("A discount is at most 100 per cent.")
        )
    return percent


def _fees(told: Told, within: str, unit: Currency) -> tuple[Fee, ...]:
    fees = []
    for name, fee in reading.objects(told, "fees", within):
        key = f"{name}."
        reading.only(fee, "name amount percent taxed per when", key)
        if fee.get("amount") is None and fee.get("percent") is None:
            raise ReckoningInvalid(f"{key}amount", _("Give the fee an amount or a percentage."))
        fees.append(
            Fee(
                name=reading.text(fee, "name", key, "fee"),
                amount=reading.amount_or_none(fee, "amount", key, unit) or 0,
                percent=reading.percent(fee, "percent", key),
                taxed=reading.yes_or_no(fee, "taxed", key, default=True),
                per=reading.choice(fee, "per", key, ("lot", "invoice")),
                when=reading.choice(fee, "when", key, ("sold", "unsold", "withdrawn", "always")),
            )
        )
    return tuple(fees)


def _rates(told: Told, within: str) -> Rates:
    rates, within = reading.part(told, "vat", within), f"{within}vat."
    reading.only(rates, "standard reduced premium rounding", within)
    given = {name: reading.percent(rates, name, within) for name in ("standard", "premium")}
    named = {name for name in given if rates.get(name) is not None}
    return Rates(
        standard=given["standard" if "standard" in named else "premium"],
        reduced=reading.percent(rates, "reduced", within),
        premium=given["premium" if "premium" in named else "standard"],
        rounding=reading.choice(rates, "rounding", within, ("half_up", "down")),
    )


def _sales_tax(told: Told, within: str) -> SalesTax | None:
    if told.get("sales_tax") is None:
        return None
    tax, within = reading.part(told, "sales_tax", within), f"{within}sales_tax."
    reading.only(tax, "percent on places", within)
    on = reading.listed(tax, "on", within)
    if any(name not in _TAXED for name in on):
        raise ReckoningInvalid(
            f"{within}on", _("Choose one of %(words)s.", words=", ".join(_TAXED))
        )
    places = reading.part(tax, "places", within)
    return SalesTax(
        percent=reading.percent(tax, "percent", within),
        on=frozenset({"hammer", "premium", "fees"} if tax.get("on") is None else on),
        places={
            place: reading.number(rate, f"{within}places.{place}") for place, rate in places.items()
        },
    )


_RIGHT = "bands threshold cap country rate borne_by nationalities stock_limit stock_limit_rule"


def _resale_right(told: Told, within: str, unit: Currency) -> ResaleRight | None:
    if told.get("resale_right") is None:
        return None
    right, within = reading.part(told, "resale_right", within), f"{within}resale_right."
    reading.only(right, _RIGHT, within)
    country = right.get("country")
    rate = None if right.get("rate") is None else reading.number(right["rate"], f"{within}rate")
    if rate == 0:
        raise ReckoningInvalid(f"{within}rate", _("A rate of exchange is above zero."))
    nations = right.get("nationalities")
    amounts = _amounts(right, within, unit if rate is None else None)
    return ResaleRight(
        limits=_limits(right, within, amounts),
        threshold=amounts["threshold"],
        cap=amounts["cap"],
        country=None if country is None else reading.text(right, "country", within, "").upper(),
        rate=rate,
        borne_by=reading.choice(right, "borne_by", within, ("buyer", "seller", "house")),
        nationalities=None
        if nations is None
        else frozenset(map(str, reading.listed(right, "nationalities", within))),
    )


def _amounts(right: Told, within: str, unit: Currency | None) -> dict[str, Fraction | None]:
    """Read amounts in whole units of the limits' currency; without a rate it is the sale's."""
    found: dict[str, Fraction | None] = {}
    for key in ("threshold", "cap", "stock_limit"):
        value = right.get(key)
        if value is None:
            found[key] = None
        elif unit is None:
            found[key] = Fraction(reading.number(value, within + key))
        else:
            found[key] = Fraction(reading.amount(value, within + key, unit), 10**unit.exponent)
    return found


def _limits(right: Told, within: str, amounts: Mapping[str, Fraction | None]) -> Limits | None:
    """Read a table of the line's own; None leaves the bands to the country's law."""
    if right.get("bands") is None:
        return None
    stock = amounts["stock_limit"]
    rule = reading.choice(right, "stock_limit_rule", within, ("up_to", "below"))
    return Limits(
        bands=reading.bands(right, "bands", within, None),
        threshold=amounts["threshold"] or Fraction(),
        cap=amounts["cap"],
        stock_limit=STOCK_LIMIT if stock is None else stock,
        stock_limit_counts=rule == "up_to",
    )
