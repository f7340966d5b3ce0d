"""What is published of a lot's ledger: its entries, and once the lot is closed what was opened.

Opened are the maxima that moved a price, the marks of all bids, and the reserve where the price
went to it. A ceiling of who leads at the end stays closed as long as everything can be proved
without it; the verifier's own recount decides that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.ledger import Entry, commitment_salt, marks
from auctionhouse.bidding.verifier.findings import Finding
from auctionhouse.bidding.verifier.reading import Line, Opening
from auctionhouse.bidding.verifier.recount import recount
from auctionhouse.bidding.verifier.results import RESULTS

_ROWS = text(
    "SELECT t.payload, t.hash, t.maximum, t.salt, t.placed_by_member_id, s.status, s.secret"
    " FROM ledger_entry t JOIN lot_state s ON s.lot_id = t.lot_id"
    " WHERE t.lot_id = :lot ORDER BY t.sequence"
)
SUBMISSIONS = frozenset({"bid", "raise"})
SALES = frozenset({"purchase", "agreement"})
ENDS = frozenset({*RESULTS, "correction"})
"""After these a leader is named who need not have led the bidding."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry with all that the house keeps of it, opened in memory."""

    line: Line
    salt: bytes | None
    maximum: int | None
    placed_by: int | None

    def with_openings(self, *names: str, lot_secret: bytes) -> Line:
        """Return the line with some of its commitments opened."""
        values: dict[str, Any] = {"maximum": self.maximum, "reserve": self.maximum}
        if "marks" in names:
            values["marks"] = self._marks(lot_secret)
        committed = [name for name in names if self.line.payload.get(name) is not None]
        openings = {
            name: Opening(commitment_salt(self.salt, name), values[name])
            for name in committed
            if self.salt is not None and values[name] is not None
        }
        return replace(self.line, openings=openings)

    def _marks(self, lot_secret: bytes) -> dict[str, Any] | None:
        """Return the marks that were committed to: those that fit."""
        if self.salt is None or self.placed_by is None:
            return None
        salt, committed = commitment_salt(self.salt, "marks"), self.line.payload.get("marks")
        for house, staff in product((False, True), repeat=2):
            told = marks(lot_secret, placed_by=self.placed_by, staff=staff, house=house)
            if Opening(salt, told).fits("marks", committed):
                return told
        return None


def kept_entries(session: Session, lot_id: int) -> tuple[list[Kept], str, bytes]:
    """Return a lot's entries with what is kept of them, the lot's status and its secret."""
    book = book_of(session, lot_id)
    rows = session.execute(_ROWS, {"lot": lot_id}).all()
    kept = [
        Kept(
            Line(Entry(row.payload, bytes(row.hash)), _read(row.payload)),
            book.open_salt(row.salt),
            book.open(row.maximum),
            row.placed_by_member_id,
        )
        for row in rows
    ]
    return kept, rows[0].status if rows else "scheduled", bytes(rows[0].secret) if rows else b""


def _read(payload: str) -> Mapping[str, Any]:
    try:
        read = json.loads(payload)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def full_lines(session: Session, lot_id: int) -> list[Line]:
    """Return a lot's entries with everything opened, for the house's own check alone."""
    kept, _status, secret = kept_entries(session, lot_id)
    return [one.with_openings("maximum", "marks", "reserve", lot_secret=secret) for one in kept]


def public_lines(session: Session, lot_id: int) -> list[Line]:
    """Return a lot's entries as anybody may have them."""
    kept, status, secret = kept_entries(session, lot_id)
    if status != "closed":
        return [one.line for one in kept]
    names = _names_opened(kept)
    lines = [
        one.with_openings(*opened, lot_secret=secret)
        for one, opened in zip(kept, names, strict=True)
    ]
    return _without_ceilings(kept, lines)


def _names_opened(kept: list[Kept]) -> list[tuple[str, ...]]:
    """Return for each entry what is opened, the leader's unused ceiling not yet left out."""
    told = [one.line.payload for one in kept]
    prices = {one.get("price") for one in told if one.get("reserve_met") and not _sale(one)}
    return [
        ("maximum", "marks")
        if payload.get("kind") in SUBMISSIONS | SALES
        else (("reserve",) if one.maximum in prices else ())
        for one, payload in zip(kept, told, strict=True)
    ]


def _sale(payload: Mapping[str, Any]) -> bool:
    return payload.get("kind") in SALES


def _without_ceilings(kept: list[Kept], lines: list[Line]) -> list[Line]:
    """Close the maxima of the last leader that are above the price and prove nothing."""
    leader, price = _last_lead(lines)
    unused = [
        place
        for place, line in enumerate(lines)
        if line.payload.get("who") == leader
        and "maximum" in line.openings
        and (kept[place].maximum or 0) > price
    ]
    return _closed(lines, unused, list(recount(lines)))


def _closed(lines: list[Line], places: list[int], proved: list[Finding]) -> list[Line]:
    """Close as many of some maxima as leave everything proved: all, or else each half alone."""
    if not places:
        return lines
    tried = list(lines)
    for place in places:
        openings = {n: one for n, one in lines[place].openings.items() if n != "maximum"}
        tried[place] = replace(lines[place], openings=openings)
    if list(recount(tried)) == proved:
        return tried
    if len(places) == 1:
        return lines
    half = len(places) // 2
    return _closed(_closed(lines, places[:half], proved), places[half:], proved)


def _last_lead(lines: list[Line]) -> tuple[str | None, int]:
    """Return who led the bidding when it ended, and the price; whoever bought the lot besides."""
    lead: tuple[str | None, int] = (None, 0)
    over = False
    for line in lines:
        payload = line.payload
        kind = payload.get("kind")
        over = kind != "reopened" and (over or kind in ENDS)
        if "leader" in payload and not over:
            lead = payload["leader"], payload["price"] or 0
    return lead


def download(session: Session, lot_id: int) -> str:
    """Return a lot's ledger as published."""
    return written(public_lines(session, lot_id))


def written(lines: list[Line]) -> str:
    """Write entries as a file: one JSON object a line."""
    return "".join(json.dumps(_written(line), ensure_ascii=False) + "\n" for line in lines)


def _written(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {"payload": line.entry.payload, "hash": line.entry.hash.hex()}
    if line.openings:
        told["opened"] = {
            name: {"salt": opening.salt.hex(), "value": opening.value}
            for name, opening in line.openings.items()
        }
    return told
