"""Reading what bidding wrote: a lot's history, its explanation, whether its chain holds."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.explanation import sentences
from auctionhouse.bidding.ledger import GENESIS, Entry, Fault, verify
from auctionxchange.kernel.money import Currency, format_amount
from auctionxchange.kernel.translation import gettext as _

_ENTRIES = text(
    "SELECT sequence, at, kind, payload, hash, client_id FROM ledger_entry"
    " WHERE lot_id = :lot ORDER BY sequence"
)
_CHAIN = text(
    "SELECT s.chain_head, t.payload, t.hash FROM lot_state s"
    " LEFT JOIN ledger_entry t ON t.lot_id = s.lot_id WHERE s.lot_id = :lot ORDER BY t.sequence"
)
_HUSHED = text("SELECT hides_bids AND status <> 'closed' FROM lot_state WHERE lot_id = :lot")
_HOUSE = text(
    "SELECT c.id FROM client c, lot_state s"
    " WHERE c.for_house AND s.lot_id = :lot AND s.status = 'closed'"
)
_OWN = text(
    "SELECT t.lot_id, t.kind, t.maximum, t.pieces FROM ledger_entry t WHERE t.client_id = :client"
    " AND t.lot_id = ANY(:lots) AND (t.maximum IS NOT NULL OR t.kind = 'sealed_withdrawn')"
    " AND NOT EXISTS ("
    "SELECT FROM ledger_entry gone WHERE gone.lot_id = t.lot_id AND gone.sequence > t.sequence"
    " AND gone.kind IN ('retraction', 'cancellation', 'reopened')"
    " AND (gone.payload::jsonb -> 'retracts' @> to_jsonb(t.sequence)"
    " OR gone.payload::jsonb -> 'lapsed' @> to_jsonb(t.sequence)))"
    " ORDER BY t.lot_id, t.sequence"
)


SHOWN_AS_BIDS = frozenset({"bid", "automatic", "purchase", "agreement", "taking"})


@dataclass(frozen=True, slots=True)
class OwnBid:
    """What a client offered on a lot, in minor units; for so many pieces, where they are shared."""

    maximum: int
    pieces: int = 1


def own_bids(session: Session, client_id: int, lots: Sequence[int]) -> dict[int, OwnBid]:
    """Return a client's own highest maximum, or sealed bid, that counts on each of these lots."""
    found: dict[int, OwnBid] = {}
    if lots:
        for row in session.execute(_OWN, {"client": client_id, "lots": list(lots)}):
            book = book_of(session, row.lot_id)
            bid = OwnBid(book.open(row.maximum) or 0, book.open(row.pieces) or 1)
            before = found.get(row.lot_id, bid)
            instead = row.kind in {"retraction", "sealed_bid", "sealed_withdrawn"}
            found[row.lot_id] = bid if instead or bid.maximum > before.maximum else before
    return {lot: bid for lot, bid in found.items() if bid.maximum}


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
    pieces: int | None = None
    """How many, where bidders may share a lot's pieces; the amount is for each."""

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
            pieces=public.get("taken"),
        )


def lot_history(session: Session, lot_id: int) -> list[HistoryLine]:
    """Return a lot's bids and who bought it otherwise, newest first.

    Own raises, which move nothing, are left out; sealed bids are there once they were opened.
    """
    entries = _with_opened(lot_entries(session, lot_id))
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
        if line.kind in SHOWN_AS_BIDS or (line.kind == "sealed_bid" and line.amount)
    ]
    return lines[::-1]


def _with_opened(entries: Iterable[HistoryLine]) -> list[HistoryLine]:
    """Return entries, the sealed bids among them with what was opened of them."""
    lines = list(entries)
    opened = {
        bid["entry"]: bid
        for line in lines
        if line.kind == "bids_opened"
        for bid in line.public["opened"]
    }
    return [
        replace(
            line,
            amount=opened.get(line.sequence, {}).get("amount"),
            pieces=opened.get(line.sequence, {}).get("pieces"),
        )
        if line.kind == "sealed_bid"
        else line
        for line in lines
    ]


def explain(
    session: Session, lot_id: int, unit: Currency, locale: str, *, reader: int | None = None
) -> list[str]:
    """Say in plain words, one sentence an entry, how a lot's price came about.

    Where nobody may know how many have bid it ends before the first sealed bid. The client who
    reads finds their own name marked.
    """
    rows: Iterable[Any] = session.execute(_ENTRIES, {"lot": lot_id})
    if session.execute(_HUSHED, {"lot": lot_id}).scalar():
        rows = takewhile(lambda row: row.kind != "sealed_bid", rows)
    told = [(row.client_id, json.loads(row.payload)) for row in rows]
    mine = {payload.get("who") for client, payload in told if reader and client == reader}
    payloads = [payload for _client, payload in told]
    said = sentences(payloads, lambda amount: format_amount(amount, unit, locale))
    return [_marked(sentence, mine - {None}) for sentence in said]


def _marked(sentence: str, mine: Collection[str]) -> str:
    for name in mine:
        sentence = sentence.replace(name, f"{name} ({_('you')})", 1)
    return sentence


def verify_lot(session: Session, lot_id: int) -> list[Fault]:
    """Return everything wrong with a lot's stored chain, nothing where it holds to its head."""
    rows = session.execute(_CHAIN, {"lot": lot_id}).all()
    stored = [Entry(row.payload, bytes(row.hash)) for row in rows if row.payload is not None]
    return verify(stored, bytes(rows[0].chain_head) if rows else GENESIS)
