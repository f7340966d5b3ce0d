"""The bids that were placed on a lot, for those who may see whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.retraction_rules import OwnBid

_GONE = (
    "EXISTS (SELECT FROM ledger_entry g WHERE g.lot_id = t.lot_id AND g.sequence > t.sequence"
    " AND g.kind IN ('retraction', 'cancellation', 'reopened')"
    " AND (g.payload::jsonb -> 'retracts' @> to_jsonb(t.sequence)"
    " OR g.payload::jsonb -> 'lapsed' @> to_jsonb(t.sequence)))"
)
_OPENED = (
    "SELECT (b ->> 'amount')::bigint AS amount, (b ->> 'pieces')::int AS pieces"
    " FROM ledger_entry o, jsonb_array_elements(o.payload::jsonb -> 'opened') b"
    " WHERE o.lot_id = t.lot_id AND o.kind = 'bids_opened' AND (b ->> 'entry')::int = t.sequence"
)
_REPLACED = (
    "(t.kind = 'sealed_bid' AND EXISTS (SELECT FROM ledger_entry g WHERE g.lot_id = t.lot_id"
    " AND g.client_id = t.client_id AND g.sequence > t.sequence"
    " AND g.kind IN ('sealed_bid', 'sealed_withdrawn')))"
)
_OWN = text(f"""
    SELECT t.sequence, t.at FROM ledger_entry t
    WHERE t.lot_id = :lot AND t.client_id = :client AND t.kind IN ('bid', 'raise') AND NOT {_GONE}
    ORDER BY t.sequence
""")  # noqa: S608 - a constant
_ALL = text(f"""
    SELECT t.sequence, t.at, t.kind, t.client_id, c.name, c.for_house, r.paddle, p.name AS by,
           t.placed_by_member_id <> coalesce(c.member_id, 0) AS by_staff,
           coalesce((t.payload::jsonb ->> 'amount')::bigint, o.amount) AS amount,
           {_GONE} OR {_REPLACED} AS gone,
           coalesce((t.payload::jsonb ->> 'taken')::int, o.pieces) AS pieces
    FROM ledger_entry t JOIN lot l ON l.id = t.lot_id JOIN client c ON c.id = t.client_id
    LEFT JOIN registration r ON r.sale_id = l.sale_id AND r.client_id = c.id
    LEFT JOIN member p ON p.id = t.placed_by_member_id LEFT JOIN LATERAL ({_OPENED}) o ON true
    WHERE t.lot_id = :lot AND t.kind IN ('bid', 'raise', 'sealed_bid', 'taking')
    ORDER BY t.sequence DESC
""")  # noqa: S608 - a constant
_ACTS = text(
    "SELECT t.sequence, t.at, t.kind, t.reason, t.payload::jsonb ->> 'notice' AS notice,"
    " p.name AS by FROM ledger_entry t LEFT JOIN member p ON p.id = t.placed_by_member_id"
    " WHERE t.lot_id = :lot"
    " AND t.kind IN ('retraction', 'cancellation', 'withdrawn', 'reopened', 'correction',"
    " 'sealed_withdrawn', 'opening_asked', 'bids_opened')"
    " ORDER BY t.sequence DESC"
)


@dataclass(frozen=True, slots=True)
class StaffBid:
    """A bid as staff see it: whose, entered by whom, the amount everybody sees, never a maximum."""

    sequence: int
    at: datetime
    kind: str
    client_id: int
    name: str
    for_house: bool
    paddle: int | None
    by: str | None
    by_staff: bool
    amount: int | None
    gone: bool
    pieces: int | None


def own_bids(session: Session, lot_id: int, client_id: int | None) -> list[OwnBid]:
    """Return a client's bids on a lot that count, oldest first."""
    rows = session.execute(_OWN, {"lot": lot_id, "client": client_id})
    return [OwnBid(row.sequence, microseconds(row.at)) for row in rows]


def bids_on(session: Session, lot_id: int) -> list[StaffBid]:
    """Return all bids on a lot, newest first."""
    return [StaffBid(*row) for row in session.execute(_ALL, {"lot": lot_id})]


def acts_on(session: Session, lot_id: int) -> Sequence[Any]:
    """Return what was done to a lot's bids and result, newest first, with the reasons kept."""
    return session.execute(_ACTS, {"lot": lot_id}).all()
