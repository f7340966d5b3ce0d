"""Statements as pages and papers show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    Text,
    column,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.members.models import Client
from auctionhouse.settlement.models import Statement, StatementLine, StatementPart
from auctionhouse.settlement.operations.writing import SELLER_FIELDS, lines_of, parts_of
from auctionhouse.settlement.queries.payable import Group, open_groups
from auctionhouse.settlement.rules import Waits
from auctionxchange.kernel.errors import NotFound

MOST = 500
STATES = ("all", "draft", "open", "settled")
_ROWS = """
    SELECT t.id, t.kind, t.number, t.client_id, c.name AS consignor, coalesce(e.title, '') AS sale,
        t.currency, t.total, t.released_at, t.sale_id,
        t.number IS NOT NULL AND NOT EXISTS (
            SELECT FROM statement_part p WHERE p.statement_id = t.id AND NOT EXISTS (
                SELECT FROM statement_use u LEFT JOIN payout_run r ON r.id = u.run_id
                WHERE (u.statement_id, u.part) = (p.statement_id, p.part) AND u.live
                AND (u.contra_id IS NOT NULL OR r.state IN ('sent', 'closed')))) AS settled
    FROM statement t JOIN client c ON c.id = t.client_id LEFT JOIN sale e ON e.id = t.sale_id
"""
FOUND = (
    text(_ROWS)
    .columns(
        column("id", BigInteger), column("kind", Text), column("number", Text),
        column("client_id", BigInteger), column("consignor", Text), column("sale", Text),
        column("currency", Text), column("total", BigInteger),
        column("released_at", DateTime(timezone=True)), column("sale_id", BigInteger),
        column("settled", Boolean),
    )
    .subquery("found")
)  # fmt: skip
"""Every statement with what stands in a list."""

_SHOWN: Mapping[str, ColumnElement[bool]] = {
    "all": true(),
    "draft": FOUND.c.number.is_(None),
    "open": FOUND.c.number.is_not(None) & ~FOUND.c.settled,
    "settled": FOUND.c.settled,
}


def select_statements(*, sale_id: int = 0, client_id: int = 0, show: str = "all") -> Select[Any]:
    """Select statements, drafts first, then the newest; of a sale or a client if named."""
    query = select(FOUND).where(_SHOWN[show])
    if sale_id:
        query = query.where(FOUND.c.sale_id == sale_id)
    if client_id:
        query = query.where(FOUND.c.client_id == client_id)
    return query.order_by(FOUND.c.released_at.desc().nulls_first(), FOUND.c.id.desc())


def statements(session: Session, *, client_id: int) -> Sequence[Any]:
    """Return a client's latest statements, drafts first."""
    return session.execute(select_statements(client_id=client_id).limit(MOST)).all()


def drafts_of(session: Session, sale_id: int) -> Sequence[int]:
    """Return a sale's drafts in the order in which they were made."""
    query = select(Statement.id).where(Statement.sale_id == sale_id, Statement.number.is_(None))
    return session.scalars(query.order_by(Statement.id)).all()


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a statement: its lines, and where its money is."""

    part: StatementPart
    lines: Sequence[StatementLine]
    waits: Sequence[Waits]
    run_id: int | None
    run_state: str | None
    contra: str | None
    held: bool

    @property
    def state(self) -> str:
        """Return paid, in_run, contra, corrected, waits or payable."""
        if self.contra is not None:
            return "contra"
        if self.run_id is not None:
            return "paid" if self.run_state in {"sent", "closed"} else "in_run"
        if self.part.lot_id is not None and not self.part.live:
            return "corrected"
        return "waits" if self.waits else "payable"


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Everything a statement's page and its paper show."""

    statement: Statement
    client: Client
    sale: Sale | None
    seller: Mapping[str, Any]
    consignor: Mapping[str, Any]
    parts: Sequence[PartView]
    corrects: Statement | None
    counters: Sequence[Statement]
    invoice: Invoice | None

    def sum_in(self, *states: str) -> int:
        """Return the sum of the parts in some states, minor units."""
        return sum(view.part.amount for view in self.parts if view.state in states)

    def sum_of(self, kind: str) -> int:
        """Return the sum of the lines of a kind, minor units."""
        lines = (line for view in self.parts for line in view.lines)
        return sum(line.amount for line in lines if line.kind == kind)


_USES = text(
    "SELECT u.part, u.run_id, r.state, c.number AS contra FROM statement_use u"
    " LEFT JOIN payout_run r ON r.id = u.run_id LEFT JOIN statement c ON c.id = u.contra_id"
    " WHERE u.statement_id = :statement AND u.live"
)


def statement_page(session: Session, statement_id: int) -> StatementPage:
    """Return a statement with all its page shows; raises NotFound."""
    found = session.get(Statement, statement_id)
    if found is None:
        raise NotFound(statement=statement_id)
    entity = session.get_one(LegalEntity, found.entity_id)
    client = session.get_one(Client, found.client_id)
    counters = select(Statement).where(Statement.corrects_id == found.id).order_by(Statement.id)
    return StatementPage(
        statement=found,
        client=client,
        sale=None if found.sale_id is None else session.get(Sale, found.sale_id),
        seller=found.seller or {name: getattr(entity, name) for name in SELLER_FIELDS},
        consignor=found.consignor or {"name": client.name, "company": client.company or ""},
        parts=_parts(session, found),
        corrects=None if found.corrects_id is None else session.get(Statement, found.corrects_id),
        counters=session.scalars(counters).all(),
        invoice=None if found.invoice_id is None else session.get(Invoice, found.invoice_id),
    )


def _parts(session: Session, found: Statement) -> list[PartView]:
    lines: dict[int, list[StatementLine]] = {}
    for line in lines_of(session, found.id):
        lines.setdefault(line.part, []).append(line)
    uses = {row.part: row for row in session.execute(_USES, {"statement": found.id})}
    waits = _waits(session, found)
    views = []
    for part in parts_of(session, found.id):
        use = uses.get(part.part)
        why = waits.get(part.part, ())
        views.append(
            PartView(
                part,
                lines.get(part.part, []),
                why,
                None if use is None else use.run_id,
                None if use is None else use.state,
                None if use is None else use.contra,
                any(one.code == "held" for one in why),
            )
        )
    return views


def _waits(session: Session, found: Statement) -> dict[int, Sequence[Waits]]:
    if found.number is None:
        return {}
    groups = open_groups(session, found.entity_id, found.currency, client_id=found.client_id)
    return {
        part.part: group.waits
        for group in groups
        for part in group.parts
        if part.statement_id == found.id
    }


def waiting_groups(session: Session, client_id: int) -> dict[tuple[int, str], list[Group]]:
    """Return what is stated and not used of a client, by legal entity and currency."""
    query = (
        select(Statement.entity_id, Statement.currency)
        .where(Statement.client_id == client_id, Statement.number.is_not(None))
        .distinct()
    )
    found = {}
    for entity_id, currency in session.execute(query).all():
        groups = open_groups(session, entity_id, currency, client_id=client_id)
        if groups:
            found[(entity_id, currency)] = groups
    return found


_UNSTATED = text(
    "SELECT l.id, l.number::text || l.suffix AS label, l.title, l.consignor_client_id IS NULL"
    " AS nobody FROM lot l JOIN lot_state s ON s.lot_id = l.id WHERE l.sale_id = :sale"
    " AND l.withdrawn_at IS NULL AND s.outcome = 'sold' AND l.agreement_id IS NULL"
    " ORDER BY l.number, l.suffix"
)


def unstated_lots(session: Session, sale_id: int) -> Sequence[Any]:
    """Return a sale's sold lots that no agreement covers, so that nobody is paid for them."""
    return session.execute(_UNSTATED, {"sale": sale_id}).all()
