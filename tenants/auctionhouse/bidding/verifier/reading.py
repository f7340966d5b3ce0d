"""Reading the files a house publishes: ledgers, receipts, heads and keys.

Nothing in a file is believed: what is missing or of another shape is told as such.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auctionhouse.bidding.ledger import Entry, canonical, commitment
from auctionhouse.bidding.rules import BuyNow, SoftClose, Terms
from auctionhouse.bidding.selling import FORMATS, Choice, Clock, Sealed

SECOND_IN_MICROSECONDS = 1_000_000
UNREAD = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading text of another shape raises."""


class Unreadable(Exception):
    """A file that is none of those this program reads; the text says why."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A salt and a value that are said to be behind a commitment."""

    salt: bytes
    value: Any

    def fits(self, name: str, committed: Any) -> bool:
        """Tell whether this is what was committed to under a name."""
        return bool(commitment(self.salt, name, self.value) == committed)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger: the entry, its payload read, and what was opened of it since."""

    entry: Entry
    payload: Mapping[str, Any]
    openings: Mapping[str, Opening] = field(default_factory=dict)

    def opened(self, name: str) -> Any:
        """Return the value behind a commitment where it was opened and fits, else None."""
        opening = self.openings.get(name)
        if opening is None or not opening.fits(name, self.payload.get(name)):
            return None
        return opening.value


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with the house's signature; the private part is the bidder's own."""

    statement: Mapping[str, Any]
    text: str
    signature: bytes
    public_key: bytes
    private: Mapping[str, Opening]


@dataclass(slots=True)
class Files:
    """Everything that was given, by the names of the files."""

    ledgers: dict[str, list[Line]] = field(default_factory=dict)
    receipts: dict[str, Signed] = field(default_factory=dict)
    heads: dict[str, Signed] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)


def read_files(names: list[str]) -> Files:
    """Read files of any of the four kinds; raises Unreadable."""
    found = Files()
    for name in names:
        try:
            text = Path(name).read_text("utf-8-sig")
        except (OSError, ValueError) as error:
            raise Unreadable(f"{name} cannot be read: {error}") from error
        try:
            _sort_in(found, name, text)
        except UNREAD as error:
            raise Unreadable(
                f"{name} is no ledger, receipt, head or key file of a house ({error})"
            ) from error
    return found


def _sort_in(found: Files, name: str, text: str) -> None:
    lines = _documents(text)
    first = lines[0] if lines else {}
    if "payload" in first:
        found.ledgers[name] = [_numbered(read_line, *line) for line in enumerate(lines, start=1)]
    elif "keys" in first:
        found.keys |= {key["id"]: bytes.fromhex(key["public_key"]) for key in first["keys"]}
    elif "statement" in first:
        signed = read_signed(first)
        kinds = {"receipt": found.receipts, "head": found.heads}
        kinds[signed.statement["kind"]][name] = signed
    else:
        raise ValueError("it has no “payload”, “statement” or “keys”")


def _documents(text: str) -> list[Any]:
    """Read one JSON document, or one a line."""
    try:
        return [json.loads(text)]
    except ValueError:
        # A notice may hold what else ends a line, and JSON leaves it as it is.
        lines = [line for line in text.split("\n") if line.strip()]
        return [_numbered(json.loads, *line) for line in enumerate(lines, start=1)]


def _numbered(read: Callable[[Any], Any], number: int, line: Any) -> Any:
    """Read a line; raises ValueError that says which one cannot be read."""
    try:
        return read(line)
    except UNREAD as error:
        raise ValueError(f"line {number} cannot be read: {error!r}") from error


def read_line(line: Mapping[str, Any]) -> Line:
    """Read one line of a ledger; an unreadable payload is left to the chain's check."""
    try:
        payload = json.loads(line["payload"])
    except ValueError:
        payload = {}
    return Line(
        Entry(line["payload"], bytes.fromhex(line["hash"])),
        payload if isinstance(payload, dict) else {},
        _openings(line.get("opened", {})),
    )


def read_signed(document: Mapping[str, Any]) -> Signed:
    """Read a signed statement."""
    statement = json.loads(document["statement"])
    if canonical(statement) != document["statement"]:
        raise ValueError("its statement is not written the one way that is signed")
    return Signed(
        statement,
        document["statement"],
        bytes.fromhex(document["signature"]),
        bytes.fromhex(document["public_key"]),
        _openings(document.get("private", {})),
    )


def _openings(told: Mapping[str, Any]) -> dict[str, Opening]:
    return {name: Opening(bytes.fromhex(one["salt"]), one["value"]) for name, one in told.items()}


def read_terms(shown: Mapping[str, Any]) -> Terms:
    """Return the terms an entry shows, without a reserve; raises for what is none."""
    soft, sealed, form = shown["soft_close"], shown.get("sealed"), shown.get("format", "timed")
    if form not in FORMATS:
        raise ValueError(f"{form} is no format this program knows")
    return Terms(
        format=form,
        pieces=int(shown.get("pieces", 1)),
        sealed=None if sealed is None else Sealed(**sealed),
        clock=_clock(shown.get("clock")),
        choice=_choice(shown.get("choice")),
        increments=tuple((int(start), int(step)) for start, step in shown["increments"]),
        opening=int(shown["opening"]),
        bound=shown["bound"],
        pricing=shown["pricing"],
        own_raise=shown["own_raise"],
        off_ladder=shown["off_ladder"],
        below_reserve=shown["below_reserve"],
        buy_now=_buy_now(shown.get("buy_now")),
        offers=shown.get("offers", "never"),
        conditional_share=int(shown.get("conditional_share", 0)),
        soft_close=None
        if soft is None
        else SoftClose(
            window=soft["window_s"] * SECOND_IN_MICROSECONDS,
            extension=soft["extend_s"] * SECOND_IN_MICROSECONDS,
            counted_from=soft["from"],
            edge_counts=soft["edge"],
            cap=None if soft["cap_s"] is None else soft["cap_s"] * SECOND_IN_MICROSECONDS,
            scope=soft.get("scope", "lot"),
        ),
    )


def _clock(shown: Mapping[str, Any] | None) -> Clock | None:
    """Return the clock a lot is sold by, which no other format has."""
    if shown is None:
        return None
    every = int(shown["every_s"]) * SECOND_IN_MICROSECONDS
    return Clock(int(shown["start"]), int(shown["step"]), every)


def _choice(shown: Mapping[str, Any] | None) -> Choice | None:
    """Return the right to choose that a lot is bid for."""
    if shown is None:
        return None
    lasts = int(shown["hours"]) * 3600 * SECOND_IN_MICROSECONDS
    return Choice(int(shown["pieces"]), lasts, tuple(shown["names"]))


def _buy_now(shown: Mapping[str, Any] | None) -> BuyNow | None:
    """Return for what a lot can be had at once; ledgers from before there was that show nothing."""
    if shown is None:
        return None
    until = shown["until"]
    return BuyNow(int(shown["price"]), None if until is None else int(until))
