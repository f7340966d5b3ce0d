"""What collecting does when an invoice is released: its buyer is told."""

from sqlalchemy.orm import Session

from auctionhouse.invoicing.happened import RELEASED, when
from auctionhouse.invoicing.models import Invoice
from auctionxchange.kernel.outbox import enqueue

INVOICE_MAIL = "collecting.invoice_mail"


@when(RELEASED)
def invoice_released(session: Session, invoice: Invoice) -> None:
    """Have the invoice sent to its buyer."""
    enqueue(session, INVOICE_MAIL, invoice=invoice.id)
