"""Giving money back: a row with its key first, then Stripe, then what Stripe says was given."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.audit import record
from auctionhouse.payments.attempts import Thing, locked_payment
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.joined import tell
from auctionhouse.payments.models import Payment, PaymentAttempt, PaymentRefund
from auctionhouse.payments.refusals import RefundTooLarge
from auctionxchange.payments.refusals import StripeRefused


def begin_refund(
    session: Session, payment_id: int, amount: int, *, reason: str, actor: int | None
) -> PaymentRefund:
    """Write a refund down (minor units); raises RefundTooLarge, open refunds counted."""
    payment = locked_payment(session, payment_id)
    left = payment.paid_amount - _given(session, payment)
    if not 0 < amount <= left:
        raise RefundTooLarge(left=left, currency=payment.currency)
    query = select(PaymentAttempt).where(
        PaymentAttempt.payment_id == payment_id, PaymentAttempt.state == "paid"
    )
    attempt = session.scalars(query.order_by(PaymentAttempt.id).limit(1)).one()
    count = select(func.count()).where(PaymentRefund.attempt_id == attempt.id)
    key = f"{attempt.key}:refund:{(session.scalar(count) or 0) + 1}"
    refund = PaymentRefund(
        payment_id=payment_id, attempt_id=attempt.id, amount=amount, key=key, reason=reason,
        member_id=actor, state="open",
    )  # fmt: skip
    session.add(refund)
    session.flush()
    record(
        session, "payment.refund", f"payment:{payment_id}", actor=actor, amount=amount, why=reason
    )
    return refund


def _given(session: Session, payment: Payment) -> int:
    """Return what was given back or may have been."""
    total = select(func.sum(PaymentRefund.amount)).where(
        PaymentRefund.payment_id == payment.id, PaymentRefund.state != "failed"
    )
    return max(int(session.scalar(total) or 0), payment.refunded_amount)


def refund_now(desk: Desk, payment_id: int, amount: int, *, reason: str, actor: int | None) -> str:
    """Give back a part or all of a payment; returns the refund's state."""
    with desk.writing() as session:
        refund_id = begin_refund(session, payment_id, amount, reason=reason, actor=actor).id
    return send_refund(desk, refund_id)


def send_refund(desk: Desk, refund_id: int) -> str:
    """Ask Stripe for a refund under its key; raises OutcomeUnknown, and the job comes back."""
    with desk.writing() as session:
        refund = session.get_one(PaymentRefund, refund_id)
        attempt = session.get_one(PaymentAttempt, refund.attempt_id)
        payment = session.get_one(Payment, refund.payment_id)
        session.expunge_all()
    if refund.state != "open":
        return refund.state
    note = {"refund": refund.key, **({"fee": "proportional"} if payment.fee else {})}
    try:
        desk.gateway.refund(
            attempt.account, intent=attempt.intent or "", amount=refund.amount, key=refund.key,
            note=note,
        )  # fmt: skip
    except StripeRefused:
        with desk.writing() as session:
            locked_payment(session, refund.payment_id)
            session.get_one(PaymentRefund, refund_id).state = "failed"
        raise
    compare(desk, attempt.id)
    return "done"


def compare(desk: Desk, attempt_id: int) -> None:
    """Take every refund of an attempt over from Stripe, those made at its dashboard too."""
    with desk.writing() as session:
        attempt = session.get_one(PaymentAttempt, attempt_id)
        session.expunge_all()
    if attempt.intent is None:
        return
    found = list(desk.gateway.refunds_of(attempt.account, attempt.intent))
    with desk.writing() as session:
        payment = locked_payment(session, attempt.payment_id)
        before = payment.refunded_amount
        for thing in reversed(found):
            _take_over(session, attempt, thing)
        session.flush()
        done = select(func.sum(PaymentRefund.amount)).where(
            PaymentRefund.payment_id == payment.id, PaymentRefund.state == "done"
        )
        payment.refunded_amount = min(int(session.scalar(done) or 0), payment.paid_amount)
        if payment.refunded_amount != before:
            tell(session, payment, "refunded")


def _take_over(session: Session, attempt: PaymentAttempt, thing: Thing) -> None:
    state = "failed" if thing["status"] in {"failed", "canceled"} else "done"
    key = (thing.get("metadata") or {}).get("refund") or thing["id"]
    query = select(PaymentRefund).where(
        (PaymentRefund.refund == thing["id"]) | (PaymentRefund.key == key)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        row = PaymentRefund(
            payment_id=attempt.payment_id, attempt_id=attempt.id, amount=thing["amount"],
            key=key, reason="Stripe",
        )  # fmt: skip
        session.add(row)
    row.refund, row.state = thing["id"], state
