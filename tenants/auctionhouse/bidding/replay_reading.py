"""Reading values of a replay file's lines; a refusal names the key and says what to do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from auctionxchange.kernel.errors import DomainError, Invalid
from auctionxchange.kernel.money import Currency, parse_amount
from auctionxchange.kernel.translation import gettext as _

MOST_PIECES = 100_000

FIRST_YEAR, LAST_YEAR = 1800, 9000
"""Of the times of a story; beyond them an extension could leave the calendar."""


class LineInvalid(Invalid):
    """A line that tells no story; fields name the key and say what to do."""

    code = "line_invalid"

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key=key, problem=problem)

    def message(self) -> str:
        return f"{self.fields['key']}: {self.fields['problem']}"


def at_key(key: str, read: Any) -> Any:
    """Let a refusal name the key it belongs to."""
    try:
        return read()
    except LineInvalid:
        raise
    except DomainError as refusal:
        raise LineInvalid(key, refusal.message()) from refusal


def read_amount(value: Any, unit: Currency, key: str) -> int:
    """Read an amount in major units as decimal text, or as a whole number, into minor units."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        example = "1250" if unit.exponent == 0 else f"1250.{'0' * unit.exponent}"
        raise LineInvalid(
            key, _("Write the amount as a decimal text such as “%(example)s”.", example=example)
        )
    return int(at_key(key, lambda: parse_amount(text, unit)))


def read_clock(value: Any, unit: Currency) -> dict[str, int]:
    """Read a clock as terms store it: start and step, and seconds between steps."""
    if not isinstance(value, Mapping):
        raise LineInvalid(
            "clock", _("Give start and step as amounts and every_s in whole seconds.")
        )
    every = value.get("every_s")
    if type(every) is not int:
        raise LineInvalid("clock.every_s", _("Give the seconds between steps as a whole number."))
    amounts = {
        name: read_amount(value.get(name), unit, f"clock.{name}") for name in ("start", "step")
    }
    return {**amounts, "every_s": every}


def read_pieces(value: Any, key: str) -> int:
    """Read a number of pieces."""
    if type(value) is not int or not 0 < value <= MOST_PIECES:
        raise LineInvalid(key, _("Give the number of pieces as a whole number from 1."))
    return value


def read_time(value: Any, key: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is taken as UTC."""
    problem = _("Write the time as in %(example)s.", example="2026-03-01T18:00:00Z")
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise LineInvalid(key, problem) from error
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise LineInvalid(key, problem)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def read_who(value: Any, key: str) -> int | str:
    """Read whom a story names."""
    if type(value) not in {str, int} or value == "" or not printable(value):
        raise LineInvalid(key, _("Say who bids, by any name."))
    return value  # type: ignore[no-any-return]


def printable(value: str | int) -> bool:
    """Tell whether a name can be printed; JSON may hold halves of letters, which cannot."""
    return not re.search("[\ud800-\udfff]", str(value))
