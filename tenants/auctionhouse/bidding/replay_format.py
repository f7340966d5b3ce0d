"""Reading the lines of a replay file: terms, times and amounts, each refused by its key's name.

Amounts are read into minor units and times into microseconds since 1970; what is printed keeps the
offset the line was written with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from re import fullmatch
from typing import Any

from auctionhouse.bidding.format_terms import read_choice
from auctionhouse.bidding.ledger import microseconds, moment
from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.selling import FORMATS, SEALED_FORMATS
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import CHOICES, build_terms
from auctionxchange.kernel.errors import DomainError, Invalid
from auctionxchange.kernel.money import Currency, currency, parse_amount
from auctionxchange.kernel.translation import gettext as _

ALWAYS = 2**62
"""Microseconds; the start and the end of a lot whose line names none."""

MOST_PIECES = 100_000

FIRST_YEAR, LAST_YEAR = 1800, 9000
"""Of the times of a story; beyond them an extension could leave the calendar."""


FORMATTED = ("format", "sealed")


class LineInvalid(Invalid):
    """A line that tells no story; fields name the key and say what to do."""

    code = "line_invalid"

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key=key, problem=problem)

    def message(self) -> str:
        return f"{self.fields['key']}: {self.fields['problem']}"


@dataclass(frozen=True, slots=True)
class Submission:
    """Who offered how much at most (minor units), and when (microseconds)."""

    at: int
    who: int | str
    maximum: int
    withdraws: bool = False
    """Whether a sealed bid is taken back instead; the maximum tells nothing then."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a line writes its times: at which offset, and with which letters for UTC's."""

    zone: tzinfo = UTC
    utc: str = "Z"


@dataclass(frozen=True, slots=True)
class Story:
    """One lot of a replay file."""

    number: int
    lot: str | int
    currency: Currency
    terms: Terms
    start: State
    submissions: Sequence[Submission]
    clock: Clock
    group: str | None = None


def read_story(line: Mapping[str, Any], number: int) -> Story:
    """Read one lot; raises LineInvalid, or another refusal that says what to do."""
    unit = _currency(line)
    _at("format", lambda: read_choice(line, "format", FORMATS, "format"))
    terms = _terms(line, unit)
    opens_at, ends_at, clock = _times(line)
    start = State(opens_at, ends_at, ends_at, reserve_met=terms.reserve is None)
    return Story(
        number=number,
        lot=_lot(line, number),
        currency=unit,
        terms=terms,
        start=_standing(line, start, terms, unit),
        submissions=_submissions(line, terms, unit),
        clock=clock,
        group=_group(line, terms),
    )


def write_time(value: int, clock: Clock) -> str | None:
    """Write a time as the line wrote its own; a lot without an end has none."""
    if value >= ALWAYS:
        return None
    text = moment(value).astimezone(clock.zone).isoformat()
    return f"{text.removesuffix('+00:00')}{clock.utc}" if clock.zone is UTC else text


def _lot(line: Mapping[str, Any], number: int) -> str | int:
    lot = line.get("lot", number)
    if type(lot) not in {str, int}:
        raise LineInvalid("lot", _("Give the lot’s number as text."))
    return lot  # type: ignore[no-any-return]


def _group(line: Mapping[str, Any], terms: Terms) -> str | None:
    """Return the group a lot closes with; without a name, all lots of the file that move others."""
    group = line.get("group")
    if group is not None and not isinstance(group, str):
        raise LineInvalid("group", _("Give the group’s name as text."))
    alone = terms.soft_close is None or terms.soft_close.scope == "lot"
    return "" if group is None and not alone else group


def _currency(line: Mapping[str, Any]) -> Currency:
    code = line.get("currency")
    if not isinstance(code, str):
        raise LineInvalid("currency", _("Name the currency by its code, such as GBP."))
    found: Currency = _at("currency", lambda: currency(code))
    return found


def _at(key: str, read: Any) -> Any:
    """Let a refusal name the key it belongs to."""
    try:
        return read()
    except LineInvalid:
        raise
    except DomainError as refusal:
        raise LineInvalid(key, refusal.message()) from refusal


def _amount(value: Any, unit: Currency, key: str) -> int:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        example = "1250" if unit.exponent == 0 else f"1250.{'0' * unit.exponent}"
        raise LineInvalid(
            key, _("Write the amount as a decimal text such as “%(example)s”.", example=example)
        )
    return int(_at(key, lambda: parse_amount(text, unit)))


def _terms(line: Mapping[str, Any], unit: Currency) -> Terms:
    increments = line.get("increments")
    preset = preset_terms(increments, unit) if increments in list(INCREMENTS) else None
    opening = _amount(line.get("opening"), unit, "opening")
    settings = {name: line[name] for name in (*CHOICES, *FORMATTED) if line.get(name) is not None}
    if preset is not None:
        settings.setdefault("bound", preset["bound"])
        bands = preset["increments"]
    elif increments is None and settings.get("format") in SEALED_FORMATS:
        bands = []
    else:
        bands = _bands(increments, unit, opening)
    reserve = line.get("reserve")
    return _built(
        {**settings, "increments": bands, "soft_close": _soft_close(line), "bid_for": "piece"},
        opening,
        None if reserve is None else _amount(reserve, unit, "reserve"),
        _pieces(line.get("pieces", 1), "pieces"),
    )


def _pieces(value: Any, key: str) -> int:
    if type(value) is not int or not 0 < value <= MOST_PIECES:
        raise LineInvalid(key, _("Give the number of pieces as a whole number from 1."))
    return value


def _built(settings: Mapping[str, Any], opening: int, reserve: int | None, pieces: int) -> Terms:
    try:
        return build_terms(settings, None, opening, reserve, pieces)
    except TermsInvalid as refusal:
        raise LineInvalid(refusal.fields["setting"], refusal.message()) from refusal


def _soft_close(line: Mapping[str, Any]) -> Mapping[str, Any] | None:
    soft = line.get("soft_close")
    if soft is None:
        return None
    if not isinstance(soft, Mapping) or not soft:
        raise LineInvalid(
            "soft_close", _("Give window_s and extend_s in whole seconds, or null for none.")
        )
    cap = {} if line.get("cap_s") is None else {"cap_s": line["cap_s"]}
    cascade = {"scope": "cascade"} if line.get("cascade") is True else {}
    grouped = {"scope": "group"} if line.get("group") is not None and not cascade else {}
    return {**cascade, **grouped, **cap, **soft}


def _bands(increments: Any, unit: Currency, opening: int) -> list[list[int]]:
    if not isinstance(increments, list):
        raise LineInvalid(
            "increments",
            _(
                "Name a preset (%(names)s) or list the bands as [from, step].",
                names=", ".join(INCREMENTS),
            ),
        )
    read = []
    for place, band in enumerate(increments, start=1):
        key = f"increments[{place}]"
        if not isinstance(band, list) or len(band) != 2:  # noqa: PLR2004 - from and step
            raise LineInvalid(key, _("Each increment is two amounts: from and step."))
        read.append([_amount(band[0], unit, key), _amount(band[1], unit, key)])
    if read and read[0][0] > opening:
        raise LineInvalid(
            "increments", _("No increment applies at the opening bid; start the first one at 0.")
        )
    if read:
        read[0][0] = 0
    return read


def _times(line: Mapping[str, Any]) -> tuple[int, int, Clock]:
    starts, ends = line.get("starts_at"), line.get("ends_at")
    opens_at = -ALWAYS if starts is None else microseconds(_time(starts, "starts_at"))
    if ends is None:
        return opens_at, ALWAYS, Clock()
    end = _time(ends, "ends_at")
    if microseconds(end) <= opens_at:
        raise LineInvalid("ends_at", _("The end must be after the start."))
    utc = "Z" if ends.endswith("Z") else "+00:00" if ends.endswith("+00:00") else ""
    return opens_at, microseconds(end), Clock(end.tzinfo or UTC, utc)


def _time(value: Any, key: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is taken as UTC."""
    problem = _("Write the time as in %(example)s.", example="2026-03-01T18:00:00Z")
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise LineInvalid(key, problem) from error
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise LineInvalid(key, problem)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _standing(line: Mapping[str, Any], start: State, terms: Terms, unit: Currency) -> State:
    """Start with bids made before the story, where the line says how the lot stood."""
    given = line.get("standing")
    if given is None:
        return start
    if not isinstance(given, Mapping):
        raise LineInvalid("standing", _("Give who leads, the price and the maximum, or null."))
    price = _amount(given.get("price"), unit, "standing.price")
    maximum = _amount(given.get("max", given.get("price")), unit, "standing.max")
    if maximum < price:
        raise LineInvalid("standing.max", _("A leader’s maximum is never below the price."))
    return State(
        start.opens_at,
        start.ends_at,
        start.scheduled_ends_at,
        leader=_who(given.get("who"), "standing.who"),
        price=price,
        maximum=maximum,
        reserve_met=terms.reserve is None or price >= terms.reserve,
        bids=1,
    )


def _submissions(line: Mapping[str, Any], terms: Terms, unit: Currency) -> list[Submission]:
    sealed = terms.sealed is not None
    told = line.get("submissions", [])
    if not isinstance(told, list):
        raise LineInvalid("submissions", _("List the submissions, each with at, who and max."))
    return [
        _submission(given, unit, place, sealed=sealed) for place, given in enumerate(told, start=1)
    ]


def _submission(given: Any, unit: Currency, place: int, *, sealed: bool) -> Submission:
    key = f"submissions[{place}]"
    if not isinstance(given, Mapping):
        raise LineInvalid(key, _("Each submission is an object with at, who and max."))
    withdraws = sealed and "max" in given and given["max"] is None
    return Submission(
        at=microseconds(_time(given.get("at"), f"{key}.at")),
        who=_who(given.get("who"), f"{key}.who"),
        maximum=0 if withdraws else _amount(given.get("max"), unit, f"{key}.max"),
        withdraws=withdraws,
    )


def _who(value: Any, key: str) -> int | str:
    if type(value) not in {str, int} or value == "":
        raise LineInvalid(key, _("Say who bids, by any name."))
    return value  # type: ignore[no-any-return]
