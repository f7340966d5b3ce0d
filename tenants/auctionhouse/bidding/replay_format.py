"""Reading the lines of a replay file: a lot's terms and times, each refused by its key's name.

Amounts are read into minor units and times into microseconds since 1970; what is printed keeps the
offset the line was written with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from auctionhouse.bidding.dutch.rules import lasts
from auctionhouse.bidding.format_terms import read_choice
from auctionhouse.bidding.ledger import microseconds, moment
from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.replay_reading import (
    LineInvalid,
    at_key,
    printable,
    read_amount,
    read_clock,
    read_pieces,
    read_time,
    read_who,
)
from auctionhouse.bidding.replay_submissions import Submission, not_at_once, read_submissions
from auctionhouse.bidding.rules import BuyNow, State, Terms
from auctionhouse.bidding.selling import FORMATS, STEPLESS
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import CHOICES, TIMED, build_terms
from auctionhouse.bidding.ways import SHARES, WAY_CHOICES
from auctionxchange.kernel.money import Currency, currency
from auctionxchange.kernel.translation import gettext as _

ALWAYS = 2**62
"""Microseconds; the start and the end of a lot whose line names none."""

FIRST_BID = WAY_CHOICES["buy_now_until"][0]
FORMATTED = ("format", "sealed", "clock", "choice")


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

    @property
    def ends_otherwise(self) -> bool:
        """Tell whether the lot may be sold otherwise than by the hammer at a met reserve."""
        return self.terms.buy_now is not None or self.terms.conditional_share > 0


def read_story(line: Mapping[str, Any], number: int) -> Story:
    """Read one lot; raises LineInvalid, or another refusal that says what to do."""
    unit = _currency(line)
    at_key("format", lambda: read_choice(line, "format", FORMATS, "format"))
    terms = _terms(line, unit)
    opens_at, ends_at, clock = _times(line, terms)
    start = State(opens_at, ends_at, ends_at, reserve_met=terms.reserve is None)
    return Story(
        number=number,
        lot=_lot(line, number),
        currency=unit,
        terms=terms,
        start=_standing(line, start, terms, unit),
        submissions=read_submissions(line, terms, unit),
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
    if type(lot) not in {str, int} or not printable(lot):
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
    found: Currency = at_key("currency", lambda: currency(code))
    return found


def _terms(line: Mapping[str, Any], unit: Currency) -> Terms:
    increments = line.get("increments")
    preset = preset_terms(increments, unit) if increments in list(INCREMENTS) else None
    opening = read_amount(line.get("opening"), unit, "opening")
    settings = {name: line[name] for name in (*CHOICES, *FORMATTED) if line.get(name) is not None}
    if "clock" in settings:
        settings["clock"] = read_clock(settings["clock"], unit)
    if preset is not None:
        settings.setdefault("bound", preset["bound"])
        bands = preset["increments"]
    elif increments is None and settings.get("format") in STEPLESS:
        bands = []
    else:
        bands = _bands(increments, unit, opening)
    settings |= {name: line[name] for name in SHARES if line.get(name) is not None}
    reserve = line.get("reserve")
    return _built(
        {**settings, "increments": bands, "soft_close": _soft_close(line), "bid_for": "piece"},
        opening,
        None if reserve is None else read_amount(reserve, unit, "reserve"),
        read_pieces(line.get("pieces", 1), "pieces"),
        _buy_now(line, unit),
    )


def _buy_now(line: Mapping[str, Any], unit: Currency) -> BuyNow | None:
    """Read for how much the lot is had at once: a price, or a price and up to which bidding."""
    given = line.get("buy_now")
    if given is None:
        return None
    if line.get("format", TIMED) != TIMED:
        raise LineInvalid("buy_now", not_at_once())
    if not isinstance(given, Mapping):
        return BuyNow(read_amount(given, unit, "buy_now"))
    until = given.get("until", FIRST_BID)
    return BuyNow(
        read_amount(given.get("price"), unit, "buy_now.price"),
        None if until == FIRST_BID else read_amount(until, unit, "buy_now.until"),
    )


def _built(
    settings: Mapping[str, Any],
    opening: int,
    reserve: int | None,
    pieces: int,
    buy_now: BuyNow | None,
) -> Terms:
    try:
        return build_terms(settings, None, opening, reserve, pieces, buy_now=buy_now)
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
        read.append([read_amount(band[0], unit, key), read_amount(band[1], unit, key)])
    if read and read[0][0] > opening:
        raise LineInvalid(
            "increments", _("No increment applies at the opening bid; start the first one at 0.")
        )
    if read:
        read[0][0] = 0
    return read


def _times(line: Mapping[str, Any], terms: Terms) -> tuple[int, int, Clock]:
    starts, ends = line.get("starts_at"), line.get("ends_at")
    opens_at = -ALWAYS if starts is None else microseconds(read_time(starts, "starts_at"))
    if ends is None and terms.clock is not None:
        if starts is None:
            raise LineInvalid("ends_at", _("A clock needs a time: give its start or its end."))
        zone, utc = _clock_of(read_time(starts, "starts_at"), starts)
        return opens_at, opens_at + lasts(terms), Clock(zone, utc)
    if ends is None:
        return opens_at, ALWAYS, Clock()
    end = read_time(ends, "ends_at")
    if microseconds(end) <= opens_at:
        raise LineInvalid("ends_at", _("The end must be after the start."))
    return opens_at, microseconds(end), Clock(*_clock_of(end, ends))


def _clock_of(read: datetime, written: str) -> tuple[tzinfo, str]:
    """Return at which offset a time was written, and with which letters for UTC's."""
    utc = "Z" if written.endswith("Z") else "+00:00" if written.endswith("+00:00") else ""
    return read.tzinfo or UTC, utc


def _standing(line: Mapping[str, Any], start: State, terms: Terms, unit: Currency) -> State:
    """Start with bids made before the story, where the line says how the lot stood."""
    given = line.get("standing")
    if given is None:
        return start
    if not isinstance(given, Mapping):
        raise LineInvalid("standing", _("Give who leads, the price and the maximum, or null."))
    price = read_amount(given.get("price"), unit, "standing.price")
    maximum = read_amount(given.get("max", given.get("price")), unit, "standing.max")
    if maximum < price:
        raise LineInvalid("standing.max", _("A leader’s maximum is never below the price."))
    return State(
        start.opens_at,
        start.ends_at,
        start.scheduled_ends_at,
        leader=read_who(given.get("who"), "standing.who"),
        price=price,
        maximum=maximum,
        reserve_met=terms.reserve is None or price >= terms.reserve,
        bids=1,
    )
