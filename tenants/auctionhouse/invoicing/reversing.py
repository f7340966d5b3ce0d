"""Taking a payment back that was entered on the wrong invoice: the opposite is posted."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import InvoicePayment, InvoicePaymentReversal
from auctionhouse.invoicing.operations import cover, lock_invoice
from auctionhouse.invoicing.refusals import CreditSpent
from auctionhouse.invoicing.rules import Entry, tidy

_BOOKED = text(
    "SELECT e.account, e.amount, e.client_id, e.lot_id FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id WHERE p.payment_id = :payment"
    " ORDER BY p.id, e.position"
)


def reverse_payment(
    session: Session, payment_id: int, *, reason: str, actor: int | None
) -> InvoicePayment:
    """Undo a payment in the ledger, once; what it covered is due again.

    Vendors who were paid out of it meanwhile are covered by the house. Raises CreditSpent where
    the buyer used what was too much of it.
    """
    payment = session.get_one(InvoicePayment, payment_id)
    invoice = lock_invoice(session, payment.invoice_id)
    values = {"payment_id": payment_id, "reason": reason, "actor_member_id": actor}
    statement = insert(InvoicePaymentReversal).values(values).on_conflict_do_nothing()
    if session.scalar(statement.returning(InvoicePaymentReversal.payment_id)) is None:
        return payment
    postings.hold_account(session, invoice.client_id)
    back = [
        Entry(row.account, -row.amount, row.client_id, row.lot_id)
        for row in session.execute(_BOOKED, {"payment": payment_id})
    ]
    postings.post(session, invoice, "reversal", tidy(back), actor=actor, payment=payment)
    if postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency) < 0:
        raise CreditSpent
    cover(session, invoice, actor=actor)
    audit.record(
        session, "invoice.payment_reversed", f"invoice:{invoice.id}", actor=actor,
        amount=payment.amount,
    )  # fmt: skip
    return payment
