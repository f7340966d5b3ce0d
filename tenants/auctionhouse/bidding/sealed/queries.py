"""The sealed bids of a lot that stand, as the ledger keeps them: still closed."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import Book, book_of
from auctionhouse.bidding.sealed.rules import Envelope
from auctionhouse.bidding.selling import in_all

_ACTS = text(
    "SELECT sequence, kind, client_id, maximum, salt, pieces, payload FROM ledger_entry"
    " WHERE lot_id = :lot AND kind IN ('sealed_bid', 'sealed_withdrawn', 'cancellation')"
    " ORDER BY sequence"
)
_ASKED = text(
    "SELECT placed_by_member_id FROM ledger_entry WHERE lot_id = :lot AND kind = 'opening_asked'"
    " ORDER BY sequence DESC LIMIT 1"
)
_OWN = text(
    "SELECT DISTINCT ON (t.lot_id) t.lot_id, t.kind, t.sequence, t.maximum, s.pieces,"
    " t.pieces AS wanted"
    " FROM ledger_entry t JOIN lot_state s ON s.lot_id = t.lot_id"
    " WHERE s.sale_id = :sale AND s.format LIKE 'sealed%' AND s.status IN ('open', 'ended')"
    " AND t.client_id = :client AND t.kind IN ('sealed_bid', 'sealed_withdrawn', 'cancellation')"
    " ORDER BY t.lot_id, t.sequence DESC"
)


@dataclass(frozen=True, slots=True)
class Closed:
    """A sealed bid that stands: amount and salt as they are stored."""

    entry: int
    client_id: int
    amount: bytes
    salt: bytes
    pieces: bytes | None = None

    def opened(self, book: Book) -> Envelope:
        """Open it in memory; only its bidder's own act, or the opening of all, may ask for it."""
        pieces = book.open(self.pieces) or 1
        return Envelope(self.entry, self.client_id, book.open(self.amount) or 0, pieces)


@dataclass(slots=True)
class Box:
    """The sealed bids of a lot: those that stand, and all that a client ever handed in."""

    standing: dict[int, Closed] = field(default_factory=dict)
    handed_in: dict[int, list[int]] = field(default_factory=dict)

    def put(self, bid: Closed) -> None:
        """Put a bid in the place of its bidder's former one."""
        self.standing[bid.client_id] = bid
        self.handed_in.setdefault(bid.client_id, []).append(bid.entry)

    def take(self, act: Any) -> None:
        """Take an act of the ledger."""
        if act.kind == "sealed_bid":
            pieces = None if act.pieces is None else bytes(act.pieces)
            self.put(
                Closed(act.sequence, act.client_id, bytes(act.maximum), bytes(act.salt), pieces)
            )
        elif act.kind == "sealed_withdrawn":
            self.standing.pop(act.client_id, None)
        else:
            gone = json.loads(act.payload).get("retracts", ())
            self.standing = {
                who: bid for who, bid in self.standing.items() if bid.entry not in gone
            }


def box_of(connection: Connection | Session, lot_id: int) -> Box:
    """Return the sealed bids of a lot."""
    box = Box()
    for act in connection.execute(_ACTS, {"lot": lot_id}):
        box.take(act)
    return box


def asked_by(session: Session, lot_id: int) -> int | None:
    """Return the member who asked for the opening of a lot's bids, or None."""
    found: int | None = session.execute(_ASKED, {"lot": lot_id}).scalar()
    return found


def sealed_by(connection: Connection | Session, sale_id: int, client_id: int) -> dict[int, int]:
    """Return the lots of a sale with a standing sealed bid of a client, and what it comes to.

    It is opened in memory, and only for an act of its own bidder.
    """
    found = {}
    for row in connection.execute(_OWN, {"sale": sale_id, "client": client_id}):
        if row.kind == "sealed_bid":
            book = book_of(connection, row.lot_id)
            pieces = book.open(row.wanted) or row.pieces
            found[row.lot_id] = in_all(book.open(row.maximum) or 0, pieces)
    return found
