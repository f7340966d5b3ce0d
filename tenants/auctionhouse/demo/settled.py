"""What the vendors of the demo's past sale get: some of it ready, some unpaid, some disputed."""

from sqlalchemy import select

from auctionhouse.catalogue.models import Sale
from auctionhouse.demo.programme import PAST
from auctionhouse.payments.desk import Desk
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.tenancy.current import acting_for


def settle_past_sale(desk: Desk) -> int:
    """State what each vendor of the past sale gets; returns how many statements were released."""
    with acting_for(desk.house), desk.writing() as session:
        query = select(Sale.id).where(Sale.reference == PAST.reference, Sale.state == "closed")
        sale_id = session.scalars(query).one_or_none()
        if sale_id is None:
            return 0
        drafts = draft_statements(session, sale_id, actor=None)
        for draft in drafts:
            release_statement(session, draft.id, actor=None)
        return len(drafts)
