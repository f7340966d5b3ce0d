"""Cancelling the sale of an unpaid invoice, which corrects hammers and so needs two people."""

from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.catalogue.two_person import HAMMER
from auctionhouse.collecting.nonpayers import cancel_sale
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import lock_invoice, lots_of
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

CANCEL = "sale_cancelled"


class CancelledSale(Act):
    """Cancel the sale of the lots on an invoice whose buyer does not pay."""

    name = CANCEL
    label = _l("Cancelled sale")

    @property
    def rule(self) -> str:
        """Follow the switch of hammer corrections, which this is one of."""
        return HAMMER

    def subject(self, payload: Payload) -> str:
        return f"invoice:{payload['invoice']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        invoice = lock_invoice(session, payload["invoice"])
        return {"due": postings.due(session, invoice.id)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        invoice = session.get_one(Invoice, payload["invoice"])
        rows = [
            (_("Buyer"), str(invoice.buyer.get("name", ""))),
            (_("To be paid"), money(facts["due"], invoice.currency)),
            (_("Lots"), str(len(lots_of(session, invoice.id)))),
            (_("Notice to bidders"), payload["notice"]),
        ]
        title = _("Cancel the sale of invoice %(number)s", number=invoice.number)
        return Described(title, rows, f"/manage/money/invoices/{invoice.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        cancel_sale(
            session, payload["invoice"], reason=signed.reason, notice=payload["notice"],
            actor=signed.asked_by,
        )  # fmt: skip


register(CancelledSale())
