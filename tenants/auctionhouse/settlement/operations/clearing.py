"""Using parts: marked so that nobody else can, and cleared on the accounts."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from auctionhouse.invoicing.covering import cover_vendors
from auctionhouse.invoicing.models import Posting
from auctionhouse.invoicing.postings import write
from auctionhouse.settlement import ledger
from auctionhouse.settlement.models import StatementUse
from auctionhouse.settlement.queries.payable import Group
from auctionhouse.settlement.refusals import RunStateRefuses


def use_parts(
    session: Session,
    groups: Sequence[Group],
    *,
    run_id: int | None = None,
    contra_id: int | None = None,
) -> None:
    """Mark the groups' parts as used; raises RunStateRefuses where another act was faster."""
    session.add_all(
        StatementUse(
            statement_id=part.statement_id, part=part.part, run_id=run_id, contra_id=contra_id
        )
        for group in groups
        for part in group.parts
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise RunStateRefuses from error


def clear_parts(
    session: Session,
    groups: Sequence[Group],
    posting: Posting,
    *,
    actor: int | None,
) -> None:
    """Post the clearing of one client's groups; the client's row is held by the caller."""
    if not groups:
        return
    entries = ledger.cleared([group.settled() for group in groups], groups[0].client_id)
    write(session, posting, entries)
    lots = [group.lot_id for group in groups if group.lot_id is not None]
    cover_vendors(session, lots, posting.entity_id, posting.currency, actor=actor)
