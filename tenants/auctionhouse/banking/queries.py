"""Open invoices a line may pay, the queue, and statements as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Date, Select, Text, column, func, select, text
from sqlalchemy.orm import Session

from auctionhouse.banking.models import BankLine, BankStatement
from auctionhouse.banking.rules import OpenInvoice
from auctionhouse.invoicing.models import LegalEntity

MOST = 200
_OPEN = text(
    "SELECT i.id, i.number, d.due, i.buyer->>'name' AS name, i.buyer->>'company' AS company,"
    " c.name AS client, c.company AS client_company, r.paddle FROM invoice i"
    " JOIN client c ON c.id = i.client_id"
    " JOIN LATERAL (SELECT sum(e.amount)::bigint AS due FROM posting p"
    "  JOIN posting_entry e ON e.posting_id = p.id"
    "  WHERE p.invoice_id = i.id AND e.account = 'office.due') d ON d.due > 0"
    " LEFT JOIN registration r ON r.sale_id = i.sale_id AND r.client_id = i.client_id"
    " WHERE i.entity_id = :entity AND i.kind = 'invoice' AND i.number IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM invoice n WHERE n.credits_id = i.id) ORDER BY i.id"
)


def open_invoices(session: Session, entity_id: int) -> list[OpenInvoice]:
    """Return an entity's released invoices on which something is due."""
    return [
        OpenInvoice(
            row.id, row.number, row.due,
            tuple(filter(None, (row.name, row.company, row.client, row.client_company))),
            row.paddle,
        )
        for row in session.execute(_OPEN, {"entity": entity_id})
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The line to look at, the invoices it may pay (guesses first), and how many wait."""

    line: BankLine
    entity: LegalEntity
    guesses: Sequence[OpenInvoice]
    others: Sequence[OpenInvoice]
    waiting: int


def next_in_queue(session: Session, after: int = 0, search: str = "") -> QueuePage | None:
    """Return the first line that waits after another, or from the start again; None for none."""
    queued = select(BankLine).where(BankLine.state == "queued").order_by(BankLine.id)
    line = session.scalars(queued.where(BankLine.id > after).limit(1)).first()
    line = line or session.scalars(queued.limit(1)).first()
    if line is None:
        return None
    waiting = session.scalar(select(func.count()).where(BankLine.state == "queued")) or 0
    invoices = open_invoices(session, line.entity_id)
    by_id = {one.id: one for one in invoices}
    guesses = [by_id[one] for one in line.guesses if one in by_id]
    wanted = search.strip().casefold()
    others = [
        one for one in invoices
        if one not in guesses and (not wanted or wanted in _searched(one))
    ]  # fmt: skip
    entity = session.get_one(LegalEntity, line.entity_id)
    return QueuePage(line, entity, guesses, others[:MOST], waiting)


def _searched(invoice: OpenInvoice) -> str:
    return " ".join((invoice.number, *invoice.names, str(invoice.paddle or ""))).casefold()


def waiting_lines(session: Session) -> int:
    """Return how many lines wait for somebody."""
    return session.scalar(select(func.count()).where(BankLine.state == "queued")) or 0


def latest_statements(session: Session) -> Sequence[Any]:
    """Return the newest statements with the entity's name."""
    query = (
        select(BankStatement, LegalEntity.name)
        .join(LegalEntity, LegalEntity.id == BankStatement.entity_id)
        .order_by(BankStatement.id.desc())
        .limit(MOST)
    )
    return session.execute(query).all()


LINES = (
    text(
    "SELECT l.id, l.statement_id, l.booked_on, l.amount, l.currency, l.payer, l.reference, l.state,"
    " l.reason, l.note, coalesce((SELECT string_agg(i.number, ', ' ORDER BY m.id) FROM bank_match m"
    " JOIN invoice_payment p ON p.id = m.payment_id JOIN invoice i ON i.id = p.invoice_id"
    " WHERE m.line_id = l.id AND m.undone_at IS NULL), '') AS invoices"
    " FROM bank_line l"
    )
    .columns(
        column("id", BigInteger), column("statement_id", BigInteger), column("booked_on", Date),
        column("amount", BigInteger), column("currency", Text), column("payer", Text),
        column("reference", Text), column("state", Text), column("reason", Text),
        column("note", Text), column("invoices", Text),
    )
    .subquery("lines")
)  # fmt: skip
"""Every line with the numbers of the invoices it paid."""


def select_lines(statement_id: int = 0, state: str = "") -> Select[Any]:
    """Select lines with the invoices they paid, newest first; of one statement if named."""
    query = select(LINES).order_by(LINES.c.booked_on.desc(), LINES.c.id.desc())
    if statement_id:
        query = query.where(LINES.c.statement_id == statement_id)
    return query.where(LINES.c.state == state) if state else query
