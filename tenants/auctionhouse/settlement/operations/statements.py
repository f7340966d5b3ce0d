"""Statements after a sale: drafted for every consignor, reckoned afresh, released with a number."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.models import Sale
from auctionhouse.settlement.models import Statement
from auctionhouse.settlement.operations.writing import (
    lock_statement,
    number,
    parts_of,
    post_charges,
)
from auctionhouse.settlement.reckoning import STATED, reckon_statement
from auctionhouse.settlement.refusals import SaleNotOver, StatementEmpty, StatementReleased
from auctionxchange.kernel.errors import NotFound

OVER = ("closed", "archived")
_VENDORS = text(
    "SELECT DISTINCT l.consignor_client_id AS client, g.entity_id AS entity"  # noqa: S608 - ours
    " FROM lot l JOIN lot_state s ON s.lot_id = l.id JOIN agreement g ON g.id = l.agreement_id"
    f" WHERE l.sale_id = :sale AND {STATED}"
    " AND NOT EXISTS (SELECT FROM statement_part p JOIN statement t ON t.id = p.statement_id"
    " WHERE p.lot_id = l.id AND p.live AND t.number IS NOT NULL) ORDER BY 1, 2"
)


def draft_statements(session: Session, sale_id: int, *, actor: int | None) -> list[Statement]:
    """Draft a statement for every consignor of a closed sale whose lots are on none yet.

    Drafts that are there are reckoned afresh. Raises SaleNotOver, and what cannot be reckoned.
    """
    sale = session.get(Sale, sale_id, with_for_update={"key_share": True})
    if sale is None:
        raise NotFound(sale=sale_id)
    if sale.state not in OVER:
        raise SaleNotOver
    made = []
    for row in session.execute(_VENDORS, {"sale": sale_id}).all():
        draft = _draft_of(session, sale, row.client, row.entity)
        reckon_statement(session, draft)
        made.append(draft)
    if made:
        audit.record(
            session, "statement.draft", f"sale:{sale_id}", actor=actor,
            statements=[draft.id for draft in made],
        )  # fmt: skip
    return made


def _draft_of(session: Session, sale: Sale, client_id: int, entity_id: int) -> Statement:
    query = select(Statement).where(
        Statement.sale_id == sale.id,
        Statement.client_id == client_id,
        Statement.entity_id == entity_id,
        Statement.kind == "statement",
        Statement.number.is_(None),
    )
    found = session.scalars(query.with_for_update()).one_or_none()
    if found is not None:
        return found
    made = Statement(
        kind="statement",
        entity_id=entity_id,
        client_id=client_id,
        sale_id=sale.id,
        currency=sale.currency,
    )
    session.add(made)
    session.flush()
    return made


def release_statement(session: Session, statement_id: int, *, actor: int | None) -> Statement:
    """Reckon a draft a last time, number it, charge it to its vendor and send it.

    Raises StatementReleased, StatementEmpty and NoPayer.
    """
    statement = lock_statement(session, statement_id)
    if statement.number is not None:
        raise StatementReleased(number=statement.number)
    reckon_statement(session, statement)
    if not parts_of(session, statement.id):
        raise StatementEmpty
    number(session, statement)
    post_charges(session, statement, actor=actor)
    audit.record(
        session, "statement.release", f"statement:{statement.id}", actor=actor,
        number=statement.number, total=statement.total,
    )  # fmt: skip
    return statement
