"""Money, dates and times as the reader expects them, always in the house's zone and naming it."""

import re
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.numbers import format_decimal, format_percent, get_currency_symbol
from babel.units import format_unit
from flask_babel import get_locale

from auctionxchange.i18n.messages import gettext as _
from auctionxchange.kernel.money import currency, decimal_string, format_amount
from auctionxchange.tenancy.current import bound_house, current_house

_BEFORE_DIGITS = re.compile(r"^\D*")
_AFTER_DIGITS = re.compile(r"\D*$")


def reader_locale() -> Locale:
    """Return the reader's locale; English outside a request."""
    return get_locale() or Locale("en")


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def house_zone() -> tzinfo:
    """Return the bound house's time zone; UTC on the platform's own pages."""
    house = bound_house()
    return _zone(house.time_zone if house else "UTC")


def zone_name(moment: datetime) -> str:
    """Return the zone's short name at a moment, such as GMT, CET or UTC+04."""
    name = moment.tzname() or "UTC"
    return name if name.isalpha() else f"UTC{name}"


def zone_label() -> str:
    """Return the house's zone as a reader knows it, such as “London time”."""
    city: str = get_timezone_location(house_zone(), locale=reader_locale(), return_city=True)
    return _("%(city)s time", city=city)


@cache
def language_name(code: str) -> str:
    """Return a language's name in that language, such as “français”."""
    return Locale.parse(code).get_language_name(code) or code


def country_name(code: str) -> str:
    """Return a country's name for the reader; what is no code stays as it is."""
    return str(reader_locale().territories.get(code.strip().upper(), code))


def money(minor: int | None, currency_code: str | None = None) -> str:
    """Write minor units of a currency, the house's own where none is named; "" for none."""
    if minor is None:
        return ""
    unit = currency(currency_code or current_house().currency)
    return format_amount(minor, unit, str(reader_locale()))


def money_range(low: int | None, high: int | None, currency_code: str) -> str:
    """Write “£800–1,200” or “800–1 200 €”; one amount where both are equal or one is missing."""
    if low is None or high is None or low == high:
        return money(low if high is None else high, currency_code)
    first, last = money(low, currency_code), money(high, currency_code)
    return f"{_AFTER_DIGITS.sub('', first)}–{_BEFORE_DIGITS.sub('', last)}"


def plain_amount(minor: int, currency_code: str) -> str:
    """Write minor units as a form takes them, such as 1300.00."""
    return decimal_string(minor, currency(currency_code))


def currency_sign(currency_code: str) -> str:
    """Return the currency's sign as the reader knows it, such as £."""
    return get_currency_symbol(currency_code, locale=reader_locale())


def number(value: int) -> str:
    """Write a whole number with the separators of the reader, such as 5,000."""
    return format_decimal(value, locale=reader_locale())


def percent(value: Decimal) -> str:
    """Write 25 as “25%”, with decimals only where there are any."""
    locale = reader_locale()
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.###")
    return format_percent(value / 100, pattern, locale=locale)


def duration(seconds: float) -> str:
    """Write a span of seconds in words, such as “2 minutes”."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = ((hours, "hour"), (minutes, "minute"), (rest, "second"))
    locale = reader_locale()
    return " ".join(
        format_unit(count, f"duration-{unit}", locale=locale) for count, unit in parts if count
    )


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return moment.astimezone(house_zone())


def datetime_long(moment: datetime | None) -> str:
    """Write “Friday, 4 December 2026, 19:00 GMT”."""
    if moment is None:
        return ""
    return f"{date_long(moment)}, {time_short(moment)}"


def datetime_short(moment: datetime | None) -> str:
    """Write “Fri 4 Dec, 19:00 GMT”."""
    if moment is None:
        return ""
    local = _local(moment)
    day = format_skeleton("MMMEd", local, tzinfo=local.tzinfo, locale=reader_locale())
    return f"{day}, {time_short(moment)}"


def datetime_seconds(moment: datetime) -> str:
    """Write “4 Dec, 19:00:07”, for lists that name the zone once."""
    local = _local(moment)
    day = format_skeleton("MMMd", local, tzinfo=local.tzinfo, locale=reader_locale())
    return f"{day}, {format_time(local, 'medium', tzinfo=local.tzinfo, locale=reader_locale())}"


def date_long(moment: datetime | None) -> str:
    """Write “Friday, 4 December 2026”."""
    if moment is None:
        return ""
    return format_date(_local(moment).date(), "full", locale=reader_locale())


def day(found: date | None) -> str:
    """Write “4 December 2026”, for a day that belongs to no zone."""
    return "" if found is None else format_date(found, "long", locale=reader_locale())


def day_short(found: date | None) -> str:
    """Write “4 Dec 2026”, for lists."""
    return "" if found is None else format_date(found, "medium", locale=reader_locale())


def time_short(moment: datetime | None) -> str:
    """Write “19:00 GMT”."""
    if moment is None:
        return ""
    local = _local(moment)
    time = format_time(local, "short", tzinfo=local.tzinfo, locale=reader_locale())
    return f"{time} {zone_name(local)}"


FILTERS = {
    "number": number,
    "country_name": country_name,
    "money": money,
    "money_range": money_range,
    "plain_amount": plain_amount,
    "percent": percent,
    "datetime_long": datetime_long,
    "datetime_short": datetime_short,
    "datetime_seconds": datetime_seconds,
    "date_long": date_long,
    "day": day,
    "day_short": day_short,
    "time_short": time_short,
}
