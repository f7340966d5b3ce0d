"""Numbering statements and posting what they say; every act that makes one ends here."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.consignors.operations.payees import address_of
from auctionhouse.invoicing import rules as invoicing
from auctionhouse.invoicing.models import LegalEntity, Posting
from auctionhouse.invoicing.postings import write
from auctionhouse.invoicing.rules import Entry
from auctionhouse.members.models import Client
from auctionhouse.settlement import ledger
from auctionhouse.settlement.models import (
    PayerAccount,
    Statement,
    StatementLine,
    StatementPart,
)
from auctionhouse.settlement.refusals import NoPayer
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue

KEEP = "settlement.keep_statement"
RELEASED_MAIL = "settlement.released_mail"
SELLER_FIELDS = ("name", "address", "country", "vat_number")


def lock_statement(session: Session, statement_id: int) -> Statement:
    """Hold a statement's row to the end of the transaction; raises NotFound."""
    query = select(Statement).where(Statement.id == statement_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(statement=statement_id)
    return found


def parts_of(session: Session, statement_id: int) -> Sequence[StatementPart]:
    """Return a statement's parts in order."""
    query = select(StatementPart).where(StatementPart.statement_id == statement_id)
    return session.scalars(query.order_by(StatementPart.part)).all()


def lines_of(session: Session, statement_id: int) -> Sequence[StatementLine]:
    """Return a statement's lines in order."""
    query = select(StatementLine).where(StatementLine.statement_id == statement_id)
    return session.scalars(query.order_by(StatementLine.position)).all()


def number(session: Session, statement: Statement) -> None:
    """Take the next number of the entity's series; nobody else can until we commit or fail.

    From here on the database keeps the statement as it is. It is set in type and its consignor is
    told once this is committed. Raises NoPayer.
    """
    query = select(PayerAccount).where(PayerAccount.entity_id == statement.entity_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    payer = session.scalars(query).one_or_none()
    if payer is None:
        raise NoPayer
    entity = session.get_one(LegalEntity, statement.entity_id)
    client = session.get_one(Client, statement.client_id)
    address = address_of(session, client) or ""
    now, sequence = database_now(session), payer.next_statement
    statement.seller = {name: getattr(entity, name) for name in SELLER_FIELDS}
    statement.consignor = {
        "name": client.name, "company": client.company or "", "email": address,
    }  # fmt: skip
    payer.next_statement += 1
    statement.sequence = sequence
    statement.number = invoicing.numbered(payer.series, sequence)
    statement.released_at = now
    session.flush()
    enqueue(session, KEEP, statement=statement.id)
    enqueue(session, RELEASED_MAIL, statement=statement.id)


def post_charges(session: Session, statement: Statement, *, actor: int | None) -> None:
    """Charge a numbered statement's lines to its vendor."""
    lots = {part.part: part.lot_id for part in parts_of(session, statement.id)}
    charges = [
        ledger.Charge(line.kind, line.amount, lots[line.part])
        for line in lines_of(session, statement.id)
    ]
    post(session, statement, statement.kind, ledger.charged(charges, statement.client_id), actor)


def post(
    session: Session, statement: Statement, kind: str, entries: Sequence[Entry], actor: int | None
) -> None:
    """Write a posting of a statement."""
    posting = Posting(
        kind=f"vendor_{kind}",
        entity_id=statement.entity_id,
        statement_id=statement.id,
        currency=statement.currency,
        actor_member_id=actor,
    )
    write(session, posting, entries)
