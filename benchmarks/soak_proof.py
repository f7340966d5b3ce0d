"""What must hold after any storm of bids: nothing acknowledged is lost, and everything adds up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.hot_lot import HotLot, hold
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.queries import verify_lot
from auctionhouse.bidding.rules import State, decide

_TOKENS = text(
    "SELECT token, lot_id, sequence FROM ledger_entry WHERE token IS NOT NULL"
    " AND lot_id = ANY(:lots)"
)
_RECEIPTS = text("SELECT reference FROM refused_bid WHERE lot_id = ANY(:lots)")
_SUBMITTED = text(
    "SELECT client_id, maximum, at FROM ledger_entry"
    " WHERE lot_id = :lot AND kind IN ('bid', 'raise') ORDER BY sequence"
)


@dataclass(slots=True)
class Proof:
    """What was found: bids in the ledgers, and everything that is wrong."""

    bids: int = 0
    wrong: list[str] = field(default_factory=list)


def prove(
    session: Session, lots: Iterable[int], acknowledged: Mapping[UUID, tuple[int, int]]
) -> Proof:
    """Check lots against the bids that were acknowledged: token to lot and sequence."""
    proof, chosen = Proof(), list(lots)
    found: dict[UUID, tuple[int, int]] = {}
    for row in session.execute(_TOKENS, {"lots": chosen}):
        if row.token in found:
            proof.wrong.append(f"token {row.token} is in the ledger twice")
        found[row.token] = row.lot_id, row.sequence
    proof.bids = len(found)
    for token, told in acknowledged.items():
        if found.get(token) != told:
            proof.wrong.append(f"acknowledged as {told}, in the ledger as {found.get(token)}")
    for lot in chosen:
        proof.wrong += [f"lot {lot}: {fault}" for fault in verify_lot(session, lot)]
        proof.wrong += _replayed(session.connection(), lot)
    return proof


def missing_receipts(session: Session, lots: Iterable[int], told: set[UUID]) -> list[str]:
    """Look for the receipts that refused bidders were told of."""
    kept = set(session.execute(_RECEIPTS, {"lots": list(lots)}).scalars())
    return [f"the receipt {one} of a refused bid is missing" for one in sorted(told - kept)]


def _replayed(connection: Connection, lot_id: int) -> list[str]:
    """Decide every submission in a lot's ledger again, in its order and at its time."""
    lot = hold(connection, lot_id)
    state = _opened(lot)
    book = book_of(connection, lot_id)
    for row in connection.execute(_SUBMITTED, {"lot": lot_id}):
        maximum = book.open(row.maximum)
        assert maximum is not None
        decision = decide(lot.terms, state, row.client_id, maximum, microseconds(row.at))
        if not decision.accepted:
            return [f"lot {lot_id}: the rules refuse what is in its ledger: {decision.reason}"]
        state = decision.state
    return [] if state == lot.state else [f"lot {lot_id}: replayed {state}, stored {lot.state}"]


def _opened(lot: HotLot) -> State:
    end = lot.state.scheduled_ends_at
    return State(lot.state.opens_at, end, end, reserve_met=lot.terms.reserve is None)
