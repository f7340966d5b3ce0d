"""Money a consignor gives back to the house, because they had too much or owe charges."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.money.rounding import Line
from auctionhouse.settlement import ledger
from auctionhouse.settlement.models import Statement, StatementPart
from auctionhouse.settlement.operations.writing import number, post
from auctionhouse.settlement.reckoning import written_line
from auctionhouse.settlement.refusals import FormTwice
from auctionxchange.kernel.errors import NotFound


def take_back(
    session: Session,
    client_id: int,
    entity_id: int,
    amount: int,
    reason: str,
    *,
    token: str | None = None,
    actor: int | None,
) -> Statement:
    """Enter money a consignor paid to the house; it counts for them in the next payout.

    Amount in minor units of the entity's currency. The same token makes a repeated entry one
    receipt. Raises NoPayer and FormTwice.
    """
    entity = session.get(LegalEntity, entity_id, with_for_update={"key_share": True})
    if entity is None:
        raise NotFound(entity=entity_id)
    if token is not None:
        query = select(Statement).where(Statement.token == token)
        before = session.scalars(query).one_or_none()
        if before is not None:
            if (before.client_id, before.total) != (client_id, amount):
                raise FormTwice
            return before
    made = Statement(
        kind="receipt", entity_id=entity_id, client_id=client_id, currency=entity.currency,
        total=amount, reason=reason, token=token,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(StatementPart(statement_id=made.id, part=1, amount=amount, live=False))
    session.flush()
    session.add(written_line(made.id, 1, 1, Line(None, "receipt", amount, None, None, "receipt")))
    session.flush()
    number(session, made)
    post(session, made, "receipt", ledger.given_back(amount, client_id), actor)
    audit.record(
        session, "statement.receipt", f"client:{client_id}", actor=actor, number=made.number,
        amount=amount, reason=reason,
    )  # fmt: skip
    return made
