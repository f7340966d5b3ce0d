"""Money as integer minor units with an ISO 4217 currency.

Nothing here rounds: amounts arrive as whole minor units or are refused. Percentages and taxes
belong to the capability that knows their rule.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from babel.numbers import format_currency, get_currency_precision, list_currencies

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _

LARGEST_AMOUNT = 10**15
"""Minor units; far above any hammer price and far below what a bigint holds."""

_SURELY_SMALL = 10
"""So many digits are within LARGEST_AMOUNT in every currency."""

_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency and its number of decimal digits."""

    code: str
    exponent: int


@cache
def currency(code: str) -> Currency:
    """Look up a currency; raises CurrencyUnknown. Exponents come from CLDR through Babel."""
    if code not in list_currencies():
        raise CurrencyUnknown(code)
    return Currency(code, get_currency_precision(code))


class CurrencyUnknown(Invalid):
    """The text is no ISO 4217 code."""

    code = "currency_unknown"

    def __init__(self, currency_code: str) -> None:
        super().__init__(currency=currency_code)

    def message(self) -> str:
        return _("“%(currency)s” is not a currency code; use one such as GBP.", **self.fields)


class AmountInvalid(Invalid):
    """The text is no amount of this currency."""

    code = "amount_invalid"

    def message(self) -> str:
        return _("Type the amount as a number, for example %(example)s.", **self.fields)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units of one currency; adding two currencies raises ValueError."""

    amount: int
    currency: Currency

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency.code} cannot be added to {other.currency.code}")
        return Money(self.amount + other.amount, self.currency)


def parse_amount(text: str, unit: Currency) -> int:
    """Read a typed amount as minor units; raises AmountInvalid.

    Spaces and grouping commas are allowed as people type them; digits are ASCII only, negative,
    fractional minor units and amounts beyond LARGEST_AMOUNT are refused.
    """
    if text.isascii() and text.isdigit() and len(text) <= _SURELY_SMALL:
        return int(text + "0" * unit.exponent)
    plain = text.strip().replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    plain = _without_grouping(plain)
    if not _NUMBER.fullmatch(plain):
        raise AmountInvalid(example=_example(unit))
    scaled = Decimal(plain).scaleb(unit.exponent)
    if scaled != scaled.to_integral_value() or scaled > LARGEST_AMOUNT:
        raise AmountInvalid(example=_example(unit))
    return int(scaled)


def _without_grouping(text: str) -> str:
    """Drop thousands separators; a single comma before one or two digits is a decimal mark."""
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", text):
        return text.replace(",", ".")
    return text


def _example(unit: Currency) -> str:
    return "1250" if unit.exponent == 0 else f"1250.{'0' * unit.exponent}"


def decimal_string(minor: int, unit: Currency) -> str:
    """Write minor units as a plain decimal string, such as 1250.00."""
    return str(Decimal(minor).scaleb(-unit.exponent))


@lru_cache(maxsize=16384)
def format_amount(minor: int, unit: Currency, locale: str) -> str:
    """Write minor units as the reader expects; whole amounts are shown without decimals."""
    value = Decimal(minor).scaleb(-unit.exponent)
    if value == value.to_integral_value():
        return (
            format_currency(
                value, unit.code, locale=locale, decimal_quantization=False, format_type="standard"
            )
            if unit.exponent == 0
            else _whole(value, unit, locale)
        )
    return format_currency(value, unit.code, locale=locale)


def _whole(value: Decimal, unit: Currency, locale: str) -> str:
    pattern = _whole_pattern(locale)
    return format_currency(value, unit.code, pattern, locale=locale, currency_digits=False)


@cache
def _whole_pattern(locale: str) -> str:
    from babel import Locale  # noqa: PLC0415 - only here, and cached

    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    return re.sub(r"\.0+", "", pattern)
