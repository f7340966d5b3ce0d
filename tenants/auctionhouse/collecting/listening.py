"""What collecting does when an invoice is released or credited: its buyer is told."""

from sqlalchemy.orm import Session

from auctionhouse.invoicing.happened import CREDITED, RELEASED, when
from auctionhouse.invoicing.models import Invoice
from auctionxchange.kernel.outbox import enqueue

INVOICE_MAIL = "collecting.invoice_mail"
CREDIT_MAIL = "collecting.credit_mail"


@when(RELEASED)
def invoice_released(session: Session, invoice: Invoice) -> None:
    """Have the invoice sent to its buyer."""
    enqueue(session, INVOICE_MAIL, invoice=invoice.id)


@when(CREDITED)
def invoice_credited(session: Session, note: Invoice) -> None:
    """Have the credit note sent to its buyer."""
    enqueue(session, CREDIT_MAIL, note=note.id)
