"""Invoices that are owed, as collecting sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, Select, Text, column, select, text
from sqlalchemy.orm import Session

from auctionhouse.collecting.models import NonpayerStep

OWED = """
    SELECT i.id, i.number, i.client_id, i.entity_id, i.sale_id, i.currency, i.due_on, i.buyer,
           i.charges_for, i.released_at, i.created_at, d.due,
           coalesce((SELECT max(r.step) FROM invoice_reminder r WHERE r.invoice_id = i.id), 0)
               AS reminded,
           EXISTS (SELECT FROM payment y WHERE y.kind = 'invoice' AND y.reference_id = i.id
               AND y.disputed) AS disputed
    FROM invoice i JOIN LATERAL (
        SELECT coalesce(sum(e.amount), 0)::bigint AS due FROM posting p
        JOIN posting_entry e ON e.posting_id = p.id AND e.account = 'office.due'
        WHERE p.invoice_id = i.id) d ON true
    WHERE i.kind = 'invoice' AND i.number IS NOT NULL AND d.due > 0
"""
"""Released invoices on which something is due; credit notes leave nothing due."""

OVERDUE = (
    text(
        "SELECT id, number, client_id, entity_id, coalesce(buyer->>'name', '') AS buyer,"  # noqa: S608 - our own texts
        f" currency, due_on, due, reminded, disputed FROM ({OWED}) owed"
    )
    .columns(
        column("id", BigInteger), column("number", Text), column("client_id", BigInteger),
        column("entity_id", BigInteger), column("buyer", Text), column("currency", Text),
        column("due_on", Date), column("due", BigInteger), column("reminded", Integer),
        column("disputed", Boolean),
    )
    .subquery("overdue")
)  # fmt: skip
"""What is owed, with the columns of an Overdue in their order."""

_STEPS = text(
    "SELECT s.*, l.number::text || l.suffix AS lot, m.name AS actor FROM nonpayer_step s"
    " LEFT JOIN lot l ON l.id = s.lot_id LEFT JOIN member m ON m.id = s.actor_member_id"
    " WHERE s.invoice_id = :invoice ORDER BY s.id"
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An invoice past its day, what is due on it and the last reminder's step."""

    id: int
    number: str
    client_id: int
    entity_id: int
    buyer: str
    currency: str
    due_on: date
    due: int
    reminded: int
    disputed: bool


def select_overdue(today: date) -> Select[Any]:
    """Select the house's overdue invoices, the oldest first."""
    query = select(OVERDUE).where(OVERDUE.c.due_on < today)
    return query.order_by(OVERDUE.c.due_on, OVERDUE.c.id)


def overdue(session: Session, today: date) -> list[Overdue]:
    """Return the house's overdue invoices, the oldest first."""
    return [Overdue(*row) for row in session.execute(select_overdue(today))]


def steps_of(session: Session, invoice_id: int) -> Sequence[Any]:
    """Return the steps of a non-payer's way that were taken for an invoice, oldest first."""
    return session.execute(_STEPS, {"invoice": invoice_id}).all()


def taken(session: Session, invoice_id: int, act: str) -> bool:
    """Tell whether a step was taken for an invoice."""
    query = session.query(NonpayerStep.id).filter_by(invoice_id=invoice_id, act=act)
    return session.query(query.exists()).scalar() or False
