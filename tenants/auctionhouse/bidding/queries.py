"""Reading what bidding wrote: a lot's history, its explanation, whether its chain holds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.explanation import sentences
from auctionhouse.bidding.ledger import GENESIS, Entry, Fault, sale_head, verify
from auctionxchange.kernel.money import Currency, format_amount

_ENTRIES = text(
    "SELECT sequence, at, kind, payload, hash, client_id FROM ledger_entry"
    " WHERE lot_id = :lot ORDER BY sequence"
)
_CHAIN = text(
    "SELECT s.chain_head, t.payload, t.hash FROM lot_state s"
    " LEFT JOIN ledger_entry t ON t.lot_id = s.lot_id WHERE s.lot_id = :lot ORDER BY t.sequence"
)
_HEADS = text(
    "SELECT s.lot_id, l.number::text || l.suffix AS number, s.chain_head FROM lot_state s"
    " JOIN lot l ON l.id = s.lot_id WHERE s.sale_id = :sale ORDER BY l.number, l.suffix"
)
_HOUSE = text(
    "SELECT c.id FROM client c, lot_state s"
    " WHERE c.for_house AND s.lot_id = :lot AND s.status = 'closed'"
)
_OWN = text(
    "SELECT t.lot_id, t.kind, t.maximum FROM ledger_entry t WHERE t.client_id = :client"
    " AND t.lot_id = ANY(:lots) AND t.maximum IS NOT NULL AND NOT EXISTS ("
    "SELECT FROM ledger_entry gone WHERE gone.lot_id = t.lot_id AND gone.sequence > t.sequence"
    " AND gone.kind IN ('retraction', 'cancellation', 'reopened')"
    " AND (gone.payload::jsonb -> 'retracts' @> to_jsonb(t.sequence)"
    " OR gone.payload::jsonb -> 'lapsed' @> to_jsonb(t.sequence)))"
    " ORDER BY t.lot_id, t.sequence"
)


SHOWN_AS_BIDS = frozenset({"bid", "automatic", "purchase", "agreement"})


def own_maxima(session: Session, client_id: int, lots: Sequence[int]) -> dict[int, int]:
    """Return a client's own highest maximum that counts on each of these lots."""
    found: dict[int, int] = {}
    if lots:
        for row in session.execute(_OWN, {"client": client_id, "lots": list(lots)}):
            maximum = book_of(session, row.lot_id).open(row.maximum) or 0
            lowered = row.kind == "retraction"
            found[row.lot_id] = maximum if lowered else max(maximum, found.get(row.lot_id, 0))
    return found


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a lot's public history; the client is for staff and the bidder's own mark.

    A bid of the house for the seller is told once the lot is closed; gone are bids taken back.
    """

    sequence: int
    at: datetime
    kind: str
    who: str | None
    amount: int | None
    public: Mapping[str, Any]
    client_id: int | None
    house: bool = False
    gone: bool = False

    @property
    def in_advance(self) -> bool:
        """Tell whether it was a bid of the house's staff for themselves, left in advance."""
        return bool(self.public.get("in_advance"))


def lot_entries(session: Session, lot_id: int) -> Iterator[HistoryLine]:
    """Return every entry of a lot, oldest first."""
    for row in session.execute(_ENTRIES, {"lot": lot_id}):
        public = json.loads(row.payload)
        yield HistoryLine(
            sequence=row.sequence,
            at=row.at,
            kind=row.kind,
            who=public.get("who"),
            amount=public.get("amount", public.get("price")),
            public=public,
            client_id=row.client_id,
        )


def lot_history(session: Session, lot_id: int) -> list[HistoryLine]:
    """Return a lot's bids and who bought it otherwise, newest first.

    Own raises, which move nothing, are left out.
    """
    entries = list(lot_entries(session, lot_id))
    gone = {
        sequence
        for line in entries
        for sequence in (*line.public.get("retracts", ()), *line.public.get("lapsed", ()))
    }
    house = session.execute(_HOUSE, {"lot": lot_id}).scalar()
    lines = [
        replace(
            line, house=house is not None and line.client_id == house, gone=line.sequence in gone
        )
        for line in entries
        if line.kind in SHOWN_AS_BIDS
    ]
    return lines[::-1]


def explain(session: Session, lot_id: int, unit: Currency, locale: str) -> list[str]:
    """Say in plain words, one sentence an entry, how a lot's price came about."""
    rows = session.execute(_ENTRIES, {"lot": lot_id})
    payloads = (json.loads(row.payload) for row in rows)
    return list(sentences(payloads, lambda amount: format_amount(amount, unit, locale)))


def verify_lot(session: Session, lot_id: int) -> list[Fault]:
    """Return everything wrong with a lot's stored chain, nothing where it holds to its head."""
    rows = session.execute(_CHAIN, {"lot": lot_id}).all()
    stored = [Entry(row.payload, bytes(row.hash)) for row in rows if row.payload is not None]
    return verify(stored, bytes(rows[0].chain_head) if rows else GENESIS)


def published_head(session: Session, sale_id: int) -> str:
    """Return the hash over the heads of all lots of a sale in catalogue order."""
    rows = session.execute(_HEADS, {"sale": sale_id})
    return sale_head((row.number, bytes(row.chain_head)) for row in rows)
