"""The simulator's form: a story of bids as rows, typed, pasted from a spreadsheet or loaded."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, FileField, HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from auctionhouse.bidding.replay_format import FIRST_BID
from auctionhouse.bidding.replay_reading import LineInvalid
from auctionhouse.manage.forms.fields import AmountField, InCurrency, MomentField
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.money import (
    AmountInvalid,
    Currency,
    currency,
    decimal_string,
    parse_amount,
)

BUY = "buy"
MOST_ROWS = 500
ROWS_TO_ADD = 5
TAKEN_BACK = ("-", "–")
"""Written instead of an amount where a sealed bid is taken back."""

LONGEST_NAME = 60
KEPT_OF_A_FILE = (
    "lot", "currency", "increments", "bound", "pricing", "own_raise", "off_ladder", "tie",
    "below_reserve", "starts_at", "soft_close", "cap_s", "cascade", "group", "standing", "format",
    "pieces", "sealed", "clock", "conditional_share",
)  # fmt: skip
_PIECES = re.compile(r"(.+?)\s*[x×]\s*([0-9]{1,6})")
"""An amount for each of so many pieces, as in “8.50 x 10”."""

_TIME = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(slots=True)
class Telling:
    """A row as typed, what is wrong with it, and once it was played what became of it."""

    at: str = ""
    who: str = ""
    maximum: str = ""
    error: str = ""
    step: Any = None

    @property
    def blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not (self.at.strip() or self.who.strip() or self.maximum.strip())


class StoryField(Field):
    """Rows of time, bidder and maximum."""

    rows: list[Telling]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ARG002 - WTForms' own signature
        """Take the rows as posted."""
        self.process_errors: list[str] = []
        columns = [
            formdata.getlist(f"{self.name}-{part}") if formdata else []
            for part in ("at", "who", "max")
        ]
        self.rows = [Telling(*texts) for texts in zip(*columns, strict=False)][:MOST_ROWS]

    def add_rows(self, rows: Iterable[Telling] = ()) -> None:
        """Add rows after those that are filled, and some empty ones where none are given."""
        kept = [row for row in self.rows if not row.blank]
        added = list(rows) or [Telling() for _blank in range(ROWS_TO_ADD)]
        self.rows = [*kept, *added][:MOST_ROWS]

    def remove_row(self, place: int) -> None:
        """Take a row away, counted from 0."""
        if 0 <= place < len(self.rows):
            del self.rows[place]

    @property
    def told(self) -> list[Telling]:
        """Return the rows that say something."""
        return [row for row in self.rows if not row.blank]

    def submissions(self, day: datetime, unit: Currency) -> list[dict[str, Any]] | None:
        """Return the story as a replay file has it; None where a row is wrong, which says why."""
        read = [_submission(row, day, unit) for row in self.told]
        return None if any(row.error for row in self.told) else [line for line in read if line]


class SimulatorForm(InCurrency):
    """Whose terms, on what lot, and who bid when."""

    terms = SelectField(_l("Terms"), validators=[InputRequired()])
    loaded = HiddenField()
    opening = AmountField(
        _l("Opening price"), validators=[InputRequired(_l("Please fill this in."))]
    )
    reserve = AmountField(_l("Reserve"))
    buy_now = AmountField(
        _l("Buy-now price"), description=_l("Write “buy” for the maximum of who buys at once.")
    )
    buy_now_until = AmountField(
        _l("Offered until the bidding reaches"), description=_l("Empty for the first bid.")
    )
    ends_at = MomentField(_l("Ends"), validators=[Optional()],
                          description=_l("Empty for a lot that stays open."))  # fmt: skip
    story = StoryField(_l("Story"))
    paste = TextAreaField(
        _l("Paste from a spreadsheet"), validators=[Optional()],
        description=_l("Three columns: time, bidder, maximum. The rows are added to the story."),
    )  # fmt: skip
    file = FileField(_l("Replay file"), description=_l("Its first line is told."))

    def line(self, settings: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
        """Return the lot as a replay file has it; None where a row of the story is wrong."""
        assert self.opening.data is not None
        submissions = self.story.submissions(self.ends_at.data or now, self.unit)
        if submissions is None:
            self.story.errors = [_("Look at the marked rows.")]
            return None
        end, reserve = self.ends_at.data, self.reserve.data
        return {
            "lot": "1",
            "currency": self.unit.code,
            **settings,
            "opening": decimal_string(self.opening.data, self.unit),
            "reserve": None if reserve is None else decimal_string(reserve, self.unit),
            **self._buy_now(),
            "ends_at": None if end is None else end.astimezone(house_zone()).isoformat(),
            "submissions": submissions,
        }

    def _buy_now(self) -> dict[str, Any]:
        price, until = self.buy_now.data, self.buy_now_until.data
        if price is None:
            return {}
        shown = FIRST_BID if until is None else decimal_string(until, self.unit)
        return {"buy_now": {"price": decimal_string(price, self.unit), "until": shown}}

    def load(self, line: Mapping[str, Any]) -> None:
        """Show a replay file's line instead of what stood here; raises CurrencyUnknown."""
        if isinstance(line.get("currency"), str):
            self.unit = self.meta.unit = currency(line["currency"])
        kept = {name: line[name] for name in KEPT_OF_A_FILE if name in line}
        self.loaded.data, self.loaded.raw_data = json.dumps(kept, ensure_ascii=False), None
        self.terms.data = "file"
        end = moment_of(line.get("ends_at"))
        typed = {
            "opening": _text(line.get("opening")),
            "reserve": _text(line.get("reserve")),
            **_buy_now_typed(line.get("buy_now")),
            "ends_at": f"{end.astimezone(house_zone()):%Y-%m-%dT%H:%M}" if end else "",
        }
        self.process(MultiDict({**typed, "terms": "file", "loaded": self.loaded.data}))
        self.story.rows = [*rows_of(line.get("submissions")), Telling()]

    def complain(self, refusal: LineInvalid) -> None:
        """Put a refusal of the rules at the row or field it belongs to."""
        key, problem = str(refusal.fields["key"]), str(refusal.fields["problem"])
        found = re.match(r"submissions\[(\d+)\]", key)
        if found:
            self.story.told[int(found[1]) - 1].error = problem
            key = "story"
        names = {"increments": "terms", "soft_close": "terms", "buy_now.price": "buy_now",
                 "buy_now.until": "buy_now_until"}  # fmt: skip
        name = names.get(key, key)
        if name in self:
            self[name].errors = [*self[name].errors, problem]
        else:
            self.form_errors.append(refusal.message())


def _buy_now_typed(given: Any) -> dict[str, str]:
    """Return a file's buy-now as it is typed."""
    told = given if isinstance(given, Mapping) else {"price": given}
    until = told.get("until", FIRST_BID)
    return {
        "buy_now": _text(told.get("price")),
        "buy_now_until": "" if until == FIRST_BID else _text(until),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def as_loaded(text: str | None) -> dict[str, Any]:
    """Return what was kept of a loaded file, nothing where that is not readable."""
    try:
        line = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _submission(row: Telling, day: datetime, unit: Currency) -> dict[str, Any] | None:
    moment = parse_time(row.at, day)
    if moment is None:
        row.error = _("Write the time as 17:58 or 17:58:30, with the day before it if it is another"
                      " one: 2026-03-01 17:58.")  # fmt: skip
    elif not row.who.strip():
        row.error = _("Say who bids, by any name.")
    elif row.maximum.strip() in TAKEN_BACK:
        return {"at": moment.isoformat(), "who": row.who.strip()[:LONGEST_NAME], "max": None}
    elif _buys(row):
        return {"at": moment.isoformat(), "who": row.who.strip()[:LONGEST_NAME], "buy": True}
    else:
        counted = _PIECES.fullmatch(row.maximum.strip())
        amount, pieces = (counted[1], int(counted[2])) if counted else (row.maximum, None)
        try:
            maximum = parse_amount(amount, unit)
        except AmountInvalid as error:
            row.error = error.message()
        else:
            return {
                "at": moment.isoformat(),
                "who": row.who.strip()[:LONGEST_NAME],
                "max": decimal_string(maximum, unit),
                **({} if pieces is None else {"pieces": pieces}),
            }
    return None


def _buys(row: Telling) -> bool:
    """Tell whether a row's maximum is the word for buying at once, in whatever language."""
    return row.maximum.strip().casefold() in {BUY, _("buy")}


def parse_time(text: str, day: datetime) -> datetime | None:
    """Read a time in the house's zone, on the day of the end unless it names another."""
    found = _TIME.fullmatch(text.strip()) if text.isascii() else None
    if found is None:
        return None
    year, month, date, hour, minute, second = (int(part or 0) for part in found.groups())
    local = day.astimezone(house_zone())
    try:
        return local.replace(
            year=year or local.year, month=month or local.month, day=date or local.day,
            hour=hour, minute=minute, second=second, microsecond=0,
        )  # fmt: skip
    except ValueError:
        return None


def pasted_rows(text: str) -> list[Telling]:
    """Read rows as a spreadsheet copies them; a heading is left out."""
    rows = []
    for line in text.splitlines()[:MOST_ROWS]:
        mark = next((mark for mark in ("\t", ";", ",") if mark in line), " ")
        parts = [part.strip() for part in line.split(mark, 2)]
        row = Telling(*parts) if len(parts) == len(("at", "who", "max")) else Telling()
        if any(map(str.isdigit, row.maximum)) or _buys(row):
            rows.append(row)
    return rows


def rows_of(submissions: Any) -> list[Telling]:
    """Return a file's submissions as rows; the checks come when the story is run."""
    if not isinstance(submissions, list):
        return []
    return [
        Telling(_typed(given.get("at")), str(given.get("who", "")), _offered(given))
        for given in submissions[:MOST_ROWS]
        if isinstance(given, Mapping)
    ]


def _offered(given: Mapping[str, Any]) -> str:
    """Return how a file's submission is typed: an amount, or the sign of what it is instead."""
    if given.get("buy") is True:
        return _("buy")
    if given.get("max", "") is None:
        return TAKEN_BACK[-1]
    amount, pieces = str(given.get("max", "")), given.get("pieces")
    return amount if pieces is None else f"{amount} × {pieces}"


def _typed(at: Any) -> str:
    """Write a file's time as it is typed, in the house's zone."""
    moment = moment_of(at)
    return (
        str(at or "") if moment is None else f"{moment.astimezone(house_zone()):%Y-%m-%d %H:%M:%S}"
    )


def moment_of(text: Any) -> datetime | None:
    """Read a file's time; one without an offset is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
