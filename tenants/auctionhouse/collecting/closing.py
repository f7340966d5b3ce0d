"""What follows by itself when a sale has closed: pro-formas, their release, deposits let go."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.collecting.models import SaleClosing
from auctionhouse.collecting.settings import rules_of
from auctionhouse.invoicing.entities import entity_for
from auctionhouse.invoicing.operations import make_proformas, release_invoices
from auctionhouse.invoicing.refusals import NoEntity
from auctionxchange.kernel.outbox import enqueue

DEPOSITS = "deposits.settle"
_UNSEEN = text(
    "SELECT s.id FROM sale s WHERE s.state = 'closed' AND s.closed_at IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM sale_closing c WHERE c.sale_id = s.id)"
    " ORDER BY s.closed_at LIMIT 20"
)


def closed_unseen(session: Session) -> list[int]:
    """Return the closed sales nobody saw to yet."""
    return list(session.scalars(_UNSEEN))


def see_to_closed_sale(session: Session, sale_id: int) -> int:
    """Draft, and release where the house wants that, a closed sale's invoices; once a sale.

    Returns how many invoices were made. A sale without a legal entity waits for its staff.
    """
    row = insert(SaleClosing).values(sale_id=sale_id).on_conflict_do_nothing()
    if session.execute(row.returning(SaleClosing.sale_id)).first() is None:
        return 0
    enqueue(session, DEPOSITS, sale=sale_id)
    return _invoice(session, session.get_one(Sale, sale_id))


def see_to_late_buyer(session: Session, sale_id: int) -> int:
    """Invoice a lot that was sold after its sale had closed, as the close would have.

    Returns how many invoices were made or got a lot more; a sale that runs is left to its close.
    """
    sale = session.get_one(Sale, sale_id)
    if sale.state != "closed":
        return 0
    return see_to_closed_sale(session, sale_id) or _invoice(session, sale)


def _invoice(session: Session, sale: Sale) -> int:
    try:
        wanted = rules_of(session, entity_for(session, sale).id).at_close
    except NoEntity:
        return 0
    if wanted == "nothing":
        return 0
    made = make_proformas(session, sale.id, actor=None)
    if wanted == "release":
        release_invoices(session, [invoice.id for invoice in made], actor=None)
    return len(made)
