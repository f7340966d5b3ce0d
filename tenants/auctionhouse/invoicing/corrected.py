"""What a corrected hammer means for the lot's invoice."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.invoicing.models import InvoiceLot
from auctionhouse.invoicing.operations import lock_invoice, lots_of, proforma_of
from auctionhouse.invoicing.reckoning import reckon_invoice
from auctionhouse.invoicing.refusals import LotInvoiced


def let_go(session: Session, lot_id: int) -> bool:
    """Take a lot off its pro-forma, and tell whether it was on one; an empty one goes with it.

    Raises LotInvoiced where the invoice is released: it has to be credited first.
    """
    live = InvoiceLot.live & (InvoiceLot.lot_id == lot_id)
    invoice_id = session.scalar(select(InvoiceLot.invoice_id).where(live))
    if invoice_id is None:
        return False
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is not None:
        raise LotInvoiced(number=invoice.number)
    session.execute(delete(InvoiceLot).where(live))
    if lots_of(session, invoice.id):
        reckon_invoice(session, invoice)
    else:
        session.delete(invoice)
    session.flush()
    return True


def put_on(session: Session, lot_id: int, client_id: int) -> None:
    """Put a sold lot on its buyer's pro-forma of the sale."""
    sale = session.get_one(Sale, session.get_one(Lot, lot_id).sale_id)
    invoice = proforma_of(session, sale, client_id)
    session.add(InvoiceLot(invoice_id=invoice.id, lot_id=lot_id, vat=""))
    session.flush()
    reckon_invoice(session, invoice)
