"""Giving back by hand what was paid by hand: in cash, at the terminal or by transfer."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.models import (
    Invoice,
    InvoicePayment,
    InvoicePaymentReversal,
    InvoiceRepayment,
)
from auctionhouse.invoicing.operations import lock_invoice
from auctionhouse.invoicing.refusals import NotReleased, RepaymentTooLarge

BY_HAND = ("cash", "transfer", "terminal")


def repayable(session: Session, invoice: Invoice) -> int:
    """Return how much of an invoice can be given back by hand, minor units.

    What was paid by hand and not given back; of a credited invoice no more than the buyer's
    credit, for it may have paid another.
    """
    paid = select(func.coalesce(func.sum(InvoicePayment.amount), 0)).where(
        InvoicePayment.invoice_id == invoice.id,
        InvoicePayment.method.in_(BY_HAND),
        InvoicePayment.id.not_in(select(InvoicePaymentReversal.payment_id)),
    )
    given = select(func.coalesce(func.sum(InvoiceRepayment.amount), 0)).where(
        InvoiceRepayment.invoice_id == invoice.id
    )
    left = int(session.scalar(paid) or 0) - int(session.scalar(given) or 0)
    credited = select(Invoice.id).where(Invoice.credits_id == invoice.id)
    if session.scalar(credited) is None:
        return left
    return min(left, _standing(session, invoice))


def _standing(session: Session, invoice: Invoice) -> int:
    return postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency)


def repay(
    session: Session,
    invoice_id: int,
    amount: int,
    method: str,
    *,
    paid_on: date,
    reference: str,
    reason: str,
    approval_id: int,
    actor: int | None,
) -> InvoiceRepayment:
    """Note that money was given back; raises NotReleased and RepaymentTooLarge.

    It comes from the buyer's credit first, then from the house's own bank, and is due again.
    """
    invoice = lock_invoice(session, invoice_id)
    if invoice.number is None or invoice.kind != "invoice":
        raise NotReleased
    postings.hold_account(session, invoice.client_id)
    left = repayable(session, invoice)
    if not 0 < amount <= left:
        raise RepaymentTooLarge(left=max(left, 0), currency=invoice.currency)
    repayment = InvoiceRepayment(
        invoice_id=invoice.id, client_id=invoice.client_id, amount=amount, method=method,
        reference=reference, reason=reason, paid_on=paid_on, approval_id=approval_id,
        actor_member_id=actor,
    )  # fmt: skip
    session.add(repayment)
    session.flush()
    entries = rules.refunded(amount, _standing(session, invoice), invoice.client_id)
    postings.post(session, invoice, "repayment", entries, actor=actor)
    audit.record(
        session, "invoice.repayment", f"invoice:{invoice.id}", actor=actor, amount=amount,
        method=method, approval=approval_id,
    )  # fmt: skip
    return repayment
