"""Money received for invoices, entered by staff or reported by a processor."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.happened import PAID, tell
from auctionhouse.invoicing.models import Invoice, InvoicePayment
from auctionhouse.invoicing.operations import cover, lock_invoice
from auctionhouse.invoicing.refusals import (
    CreditTooSmall,
    NotReleased,
    PaymentInvalid,
    PaymentTwice,
)
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import announce

ZONES_APART = timedelta(days=1)
"""A house's day may begin before UTC's."""


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
    PaymentInvalid, CreditTooSmall where credit is spent that is not there, PaymentTwice and
    CardNumberTyped.
    """
    refuse_card_numbers(reference)
    _check(session, amount, received_on)
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
    _told(session, invoice, payment, due)
    return payment


def _told(session: Session, invoice: Invoice, payment: InvoicePayment, due: int) -> None:
    """Audit a payment and tell whoever waits for it; due is what was before it."""
    audit.record(
        session, "invoice.payment", f"invoice:{invoice.id}", actor=payment.actor_member_id,
        amount=payment.amount, method=payment.method,
    )  # fmt: skip
    left = due - payment.amount
    announce(session, f"invoice:{invoice.id}", {"type": "paid", "due": left})
    if left <= 0 < due:
        tell(session, invoice, PAID)


def _check(session: Session, amount: int, received_on: date) -> None:
    if amount <= 0:
        raise PaymentInvalid(problem="amount")
    if received_on > database_now(session).date() + ZONES_APART:
        raise PaymentInvalid(problem="day")


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
    postings.hold_account(session, invoice.client_id)
    standing = postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency)
    if amount > min(standing, due):
        raise CreditTooSmall
