"""The demo's closed sales hold invoices in every state."""

from auctionhouse.demo.invoices import invoice_closed_sales
from auctionhouse.invoicing.queries import invoices
from auctionxchange.kernel.database import HouseSession
from factories.invoices import make_sold_sale


def test_a_closed_sales_invoices_are_paid_open_and_pro_formas(work: HouseSession) -> None:
    sold = make_sold_sale(work, lots=4, buyers=4)
    invoice_closed_sales(work)
    rows = invoices(work, sold.sale.sale_id)
    assert sorted(row.state for row in rows) == ["open", "open", "paid", "proforma"]
    invoice_closed_sales(work)
    assert len(invoices(work, sold.sale.sale_id)) == len(rows)
