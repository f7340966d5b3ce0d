"""Reading values of a calculation's JSON, each refused by its key's name with what to do.

Numbers come as texts (or whole JSON numbers), so that no binary fraction gets in.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from re import fullmatch
from typing import Any, TypeVar

from auctionhouse.money.bands import Band, check_bands
from auctionhouse.money.refusals import ReckoningInvalid
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import LARGEST_AMOUNT, Currency, parse_amount
from auctionxchange.kernel.translation import gettext as _

Told = Mapping[str, Any]
Read = TypeVar("Read")
PAIR = 2


def part(told: Told, key: str, within: str = "") -> Told:
    """Return an object of a line; nothing there is an empty one."""
    value = told.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ReckoningInvalid(within + key, _("Write an object in braces, or null."))
    return value


def only(told: Told, known: str, within: str) -> None:
    """Refuse keys nobody reads: a misspelt one would cost somebody money."""
    for key in told:
        if key not in known.split():
            raise ReckoningInvalid(
                f"{within}{key}",
                _("This key is not known here; known are %(keys)s.", keys=", ".join(known.split())),
            )


def listed(told: Told, key: str, within: str = "") -> Sequence[Any]:
    """Return a list of a line; nothing there is an empty one."""
    value = told.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ReckoningInvalid(within + key, _("Write a list in brackets."))
    return value


def objects(told: Told, key: str, within: str = "") -> list[tuple[str, Told]]:
    """Return the objects of a list, each with the name it is refused by."""
    found = []
    for place, value in enumerate(listed(told, key, within), start=1):
        name = f"{within}{key}[{place}]"
        if not isinstance(value, Mapping):
            raise ReckoningInvalid(name, _("Write an object in braces."))
        found.append((name, value))
    return found


def number(value: Any, key: str) -> Decimal:
    """Read a number of zero or more without an exponent; raises ReckoningInvalid."""
    text = str(value) if type(value) is int else value
    if isinstance(text, str) and fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        raise ReckoningInvalid(key, _("This cannot be negative."))
    if not isinstance(text, str) or not fullmatch(r"[0-9]{1,15}(\.[0-9]{1,10})?", text):
        raise ReckoningInvalid(key, _("Write the number as a text such as “17.5”."))
    return Decimal(text)


def percent(told: Told, key: str, within: str, default: Decimal = Decimal(0)) -> Decimal:
    """Read a rate in per cent."""
    value = told.get(key)
    return default if value is None else number(value, within + key)


def amount(value: Any, key: str, unit: Currency) -> int:
    """Read an amount as minor units; raises ReckoningInvalid for too many decimals."""
    read = number(value, key)
    scaled = Fraction(read) * 10**unit.exponent
    if scaled.denominator != 1:
        raise ReckoningInvalid(
            key,
            _(
                "%(currency)s has %(digits)s decimals; write no more of them.",
                currency=unit.code,
                digits=unit.exponent,
            ),
        )
    if scaled > LARGEST_AMOUNT:
        raise ReckoningInvalid(key, _("This amount is larger than any price."))
    return at(key, lambda: parse_amount(f"{read:f}", unit))


def amount_or_none(told: Told, key: str, within: str, unit: Currency) -> int | None:
    """Read an amount that may be left out."""
    value = told.get(key)
    return None if value is None else amount(value, within + key, unit)


def at(key: str, read: Callable[[], Read]) -> Read:
    """Let a refusal name the key it belongs to."""
    try:
        return read()
    except ReckoningInvalid:
        raise
    except DomainError as refusal:
        raise ReckoningInvalid(key, refusal.message()) from refusal


def choice(told: Told, key: str, within: str, known: Sequence[str]) -> Any:
    """Read one of some words; the first is the default."""
    value = told.get(key)
    if value is None:
        return known[0]
    if value not in known:
        raise ReckoningInvalid(within + key, _("Choose one of %(words)s.", words=", ".join(known)))
    return value


def yes_or_no(told: Told, key: str, within: str, *, default: bool) -> bool:
    """Read true or false."""
    value = told.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise ReckoningInvalid(within + key, _("Write true or false."))
    return value


def whole(told: Told, key: str, within: str, default: int) -> int:
    """Read a whole number of at least one."""
    value = told.get(key)
    if value is None:
        return default
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not fullmatch(r"[1-9][0-9]{0,6}", text):
        raise ReckoningInvalid(within + key, _("Write a whole number of at least 1."))
    return int(text)


def day(told: Told, key: str, within: str = "") -> date | None:
    """Read a date such as 2026-03-01; a time after it is left off."""
    value = told.get(key)
    if value is None:
        return None
    problem = _("Write the date as in %(example)s.", example="2026-03-01")
    if not isinstance(value, str) or not fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", value):
        raise ReckoningInvalid(within + key, problem)
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise ReckoningInvalid(within + key, problem) from error


def text(told: Told, key: str, within: str, default: str) -> str:
    """Read a short text; a whole number counts as one."""
    value = told.get(key)
    if value is None:
        return default
    if type(value) not in {str, int} or not str(value).strip():
        raise ReckoningInvalid(within + key, _("Write a text."))
    return str(value).strip()


def bands(told: Told, key: str, within: str, unit: Currency | None) -> tuple[Band, ...]:
    """Read pairs of from and per cent, in minor units, or in whole units without a currency."""
    read = []
    for place, pair in enumerate(listed(told, key, within), start=1):
        name = f"{within}{key}[{place}]"
        if not isinstance(pair, list) or len(pair) != PAIR:
            raise ReckoningInvalid(name, _("Each band is two numbers: from, and per cent."))
        start = Fraction(number(pair[0], name) if unit is None else amount(pair[0], name, unit))
        read.append(Band(start, number(pair[1], name)))
    check_bands(read, within + key)
    return tuple(read)
