"""Lots whose buyer's card payment is disputed: what is owed for them is not paid out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Frozen:
    """Why a lot is frozen: the payment, its dispute's state, and when Stripe wants an answer.

    A lost dispute keeps its lot frozen: the buyer's money is gone until they pay again.
    """

    lot_id: int
    invoice_id: int
    payment_id: int
    reason: str
    status: str
    evidence_due: datetime | None


_FROZEN = text(
    "SELECT DISTINCT ON (l.lot_id) l.lot_id, l.invoice_id, p.id, d.reason, d.status,"
    " d.evidence_due FROM payment p JOIN payment_dispute d ON d.payment_id = p.id"
    " JOIN invoice_lot l ON l.invoice_id = p.reference_id AND l.live"
    " WHERE p.kind = 'invoice' AND p.disputed AND d.status NOT IN ('won', 'prevented',"
    " 'warning_closed') AND (d.status <> 'lost' OR (SELECT coalesce(sum(e.amount), 0)"
    " FROM posting o JOIN posting_entry e ON e.posting_id = o.id WHERE o.invoice_id = l.invoice_id"
    " AND e.account = 'office.due') > 0)"
    " AND (:every OR l.lot_id = ANY(:lots)) ORDER BY l.lot_id, d.id DESC"
)


def frozen_lots(session: Session, lots: Collection[int] | None = None) -> dict[int, Frozen]:
    """Return the frozen ones among some lots, or of the whole house, by lot."""
    asked = {"every": lots is None, "lots": list(lots or ())}
    return {row.lot_id: Frozen(*row) for row in session.execute(_FROZEN, asked)}
