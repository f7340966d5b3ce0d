"""What handing over does when nothing is due on an invoice any more: its lots may leave."""

from sqlalchemy.orm import Session

from auctionhouse.handover.operations import make_release_order
from auctionhouse.invoicing.happened import PAID, when
from auctionhouse.invoicing.models import Invoice


@when(PAID)
def invoice_paid(session: Session, invoice: Invoice) -> None:
    """Make the release order of an invoice that has lots."""
    make_release_order(session, invoice)
