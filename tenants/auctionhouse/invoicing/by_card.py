"""Card payments of invoices: asked for here, taken in by the payments' own machinery.

The processor tells what was paid and refunded in all; what is new of it is posted, so that being
told twice changes nothing.
"""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.models import Invoice, InvoicePayment, Posting, PostingEntry
from auctionhouse.invoicing.operations import lock_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import NothingDue, NotReleased
from auctionhouse.payments.attempts import ask_for
from auctionhouse.payments.joined import told_of
from auctionhouse.payments.links import offer_link
from auctionhouse.payments.models import Payment
from auctionxchange.kernel.clock import database_now

KIND = "invoice"


def ask_by_card(session: Session, invoice_id: int, *, actor: int | None) -> Payment:
    """Ask for what is due on a released invoice by card, with a link that lasts some days.

    Raises NotReleased and NothingDue.
    """
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is None or invoice.kind != "invoice":
        raise NotReleased
    due = postings.due(session, invoice.id)
    if due <= 0:
        raise NothingDue
    payment = ask_for(
        session,
        kind=KIND,
        reference_id=invoice.id,
        client_id=invoice.client_id,
        amount=due,
        currency=invoice.currency,
        description=invoice.number,
        actor=actor,
    )
    offer_link(session, payment)
    return payment


@told_of(KIND)
def take_in(session: Session, payment: Payment, what: str) -> None:
    """Post what is new of a card payment and of its refunds."""
    invoice = lock_invoice(session, payment.reference_id)
    if what == "paid":
        _paid(session, invoice, payment)
    elif what == "refunded":
        _refunded(session, invoice, payment)


def _paid(session: Session, invoice: Invoice, payment: Payment) -> None:
    reference = f"payment:{payment.id}"
    known = select(func.coalesce(func.sum(InvoicePayment.amount), 0)).where(
        InvoicePayment.invoice_id == invoice.id, InvoicePayment.reference == reference
    )
    fresh = payment.paid_amount - int(session.scalar(known) or 0)
    if fresh > 0:
        record_payment(
            session,
            invoice.id,
            fresh,
            "card",
            received_on=database_now(session).date(),
            reference=reference,
            actor=None,
        )


def _refunded(session: Session, invoice: Invoice, payment: Payment) -> None:
    banks = PostingEntry.account.in_(rules.BANKS)
    known: Any = (
        select(func.coalesce(-func.sum(PostingEntry.amount), 0))
        .join(Posting, Posting.id == PostingEntry.posting_id)
        .where(Posting.invoice_id == invoice.id, Posting.kind == "refund", banks)
    )
    fresh = payment.refunded_amount - int(session.scalar(known) or 0)
    if fresh > 0:
        standing = postings.credit_of(
            session, invoice.client_id, invoice.entity_id, invoice.currency
        )
        entries = rules.refunded(fresh, standing, invoice.client_id)
        postings.post(session, invoice, "refund", entries, actor=None)
    elif fresh < 0:
        # A refund came back from the buyer's bank: what it made due again is paid once more.
        due = postings.due(session, invoice.id)
        entries = rules.received(-fresh, due, [], invoice.client_id)
        postings.post(session, invoice, "refund", entries, actor=None)
