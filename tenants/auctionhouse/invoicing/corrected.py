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

    A lot that several share is taken off all of theirs. Raises LotInvoiced where an invoice is
    released: it has to be credited first.
    """
    live = InvoiceLot.live & (InvoiceLot.lot_id == lot_id)
    found = sorted(set(session.scalars(select(InvoiceLot.invoice_id).where(live))))
    invoices = [lock_invoice(session, invoice_id) for invoice_id in found]
    released = next((invoice for invoice in invoices if invoice.number is not None), None)
    if released is not None:
        raise LotInvoiced(number=released.number)
    session.execute(delete(InvoiceLot).where(live))
    for invoice in invoices:
        if lots_of(session, invoice.id):
            reckon_invoice(session, invoice)
        else:
            session.delete(invoice)
    session.flush()
    return bool(invoices)


def put_on(session: Session, lot_id: int, client_id: int) -> None:
    """Put a sold lot on its buyer's pro-forma of the sale."""
    sale = session.get_one(Sale, session.get_one(Lot, lot_id).sale_id)
    invoice = proforma_of(session, sale, client_id)
    session.add(InvoiceLot(invoice_id=invoice.id, lot_id=lot_id, vat=""))
    session.flush()
    reckon_invoice(session, invoice)
