"""Invoices of the demo's closed sales: some paid, some in part, some still pro-formas."""

from itertools import cycle

from sqlalchemy import text

from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession

SHARES = (100, 40, 0, None)
"""What of an invoice is paid, in per cent, in turn; None leaves the pro-forma as it is."""

_UNINVOICED = text(
    "SELECT s.id FROM sale s WHERE s.state = 'closed'"
    " AND NOT EXISTS (SELECT FROM invoice i WHERE i.sale_id = s.id) ORDER BY s.id"
)


def invoice_closed_sales(session: HouseSession) -> None:
    """Invoice the sold lots of closed sales that nobody has invoiced yet."""
    today = database_now(session).date()
    for sale_id in session.scalars(_UNINVOICED).all():
        made = make_proformas(session, sale_id, actor=None)
        for invoice, share in zip(made, cycle(SHARES), strict=False):
            if share is None:
                continue
            release_invoice(session, invoice.id, actor=None)
            amount = invoice.total * share // 100
            if amount:
                record_payment(
                    session, invoice.id, amount, "transfer", received_on=today, actor=None
                )
