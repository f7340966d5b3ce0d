"""Money received for invoices, entered by staff or reported by a processor."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.models import Invoice, InvoicePayment
from auctionhouse.invoicing.operations import cover, lock_invoice
from auctionhouse.invoicing.refusals import CreditTooSmall, NotReleased, PaymentTwice
from auctionxchange.kernel.outbox import announce


def record_payment(
    session: Session,
    invoice_id: int,
    amount: int,
    method: str,
    *,
    received_on: date,
    reference: str = "",
    token: str | None = None,
    actor: int | None,
) -> InvoicePayment:
    """Take in money for a released invoice; the same token makes a repeated entry one payment.

    Hammer prices are covered first, then the house's charges; what is beyond them stands to the
    buyer's credit. Amount is in minor units of the invoice's currency. Raises NotReleased,
    CreditTooSmall where credit is spent that is not there, and PaymentTwice.
    """
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is None or invoice.kind != "invoice":
        raise NotReleased
    before = _same(session, token, invoice_id, amount)
    if before is not None:
        return before
    due = postings.due(session, invoice.id)
    credit = method == "credit"
    if credit:
        _check_credit(session, invoice, amount, due)
    payment = InvoicePayment(
        invoice_id=invoice.id,
        client_id=invoice.client_id,
        amount=amount,
        method=method,
        reference=reference,
        received_on=received_on,
        token=token,
        actor_member_id=actor,
    )
    session.add(payment)
    session.flush()
    waiting = postings.waiting(session, invoice.id)
    entries = rules.received(amount, due, waiting, invoice.client_id, from_credit=credit)
    postings.post(session, invoice, "payment", entries, actor=actor, payment=payment)
    cover(session, invoice, actor=actor)
    audit.record(
        session, "invoice.payment", f"invoice:{invoice.id}", actor=actor, amount=amount,
        method=method,
    )  # fmt: skip
    announce(session, f"invoice:{invoice.id}", {"type": "paid", "due": due - amount})
    return payment


def _same(
    session: Session, token: str | None, invoice_id: int, amount: int
) -> InvoicePayment | None:
    if token is None:
        return None
    found = session.scalars(
        select(InvoicePayment).where(InvoicePayment.token == token)
    ).one_or_none()
    if found is not None and (found.invoice_id, found.amount) != (invoice_id, amount):
        raise PaymentTwice
    return found


def _check_credit(session: Session, invoice: Invoice, amount: int, due: int) -> None:
    """Hold the buyer's credit against others who spend it, and see that it suffices."""
    session.execute(
        select(Invoice.id).where(Invoice.client_id == invoice.client_id).order_by(Invoice.id)
        .with_for_update()
    )  # fmt: skip
    standing = postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency)
    if amount > min(standing, due):
        raise CreditTooSmall
