"""Giving money back: a row with its key first, then Stripe, then what Stripe says was given."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.audit import record
from auctionhouse.payments.attempts import KEYS_LAST, Thing, locked_payment
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.joined import tell
from auctionhouse.payments.models import Payment, PaymentAttempt, PaymentRefund
from auctionhouse.payments.refusals import RefundTooLarge
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.payments.refusals import AccessRevoked, NotAtStripe, StripeRefused

SEND = "payments.refund"
FAILED_MAIL = "payments.refund_failed_mail"


def begin_refund(
    session: Session, payment_id: int, amount: int, *, reason: str, actor: int | None
) -> PaymentRefund:
    """Write a refund down (minor units); raises RefundTooLarge, open refunds counted.

    It is given back to the card of one attempt: the one of which most is left.
    """
    payment = locked_payment(session, payment_id)
    attempt_id, left, count = _most_left(session, payment)
    if not 0 < amount <= left:
        raise RefundTooLarge(left=left, currency=payment.currency)
    attempt = session.get_one(PaymentAttempt, attempt_id)
    refund = PaymentRefund(
        payment_id=payment_id, attempt_id=attempt.id, amount=amount,
        key=f"{attempt.key}:refund:{count + 1}", reason=reason, member_id=actor, state="open",
    )  # fmt: skip
    session.add(refund)
    session.flush()
    record(
        session, "payment.refund", f"payment:{payment_id}", actor=actor, amount=amount, why=reason
    )
    return refund


def _most_left(session: Session, payment: Payment) -> tuple[int, int, int]:
    """Return the attempt of which most can be given back, how much, and its refunds so far."""
    given = func.coalesce(func.sum(PaymentRefund.amount).filter(PaymentRefund.state != "failed"), 0)
    query = (
        select(PaymentAttempt.id, PaymentAttempt.received - given, func.count(PaymentRefund.id))
        .outerjoin(PaymentRefund, PaymentRefund.attempt_id == PaymentAttempt.id)
        .where(PaymentAttempt.payment_id == payment.id, PaymentAttempt.state == "paid")
        .group_by(PaymentAttempt.id)
        .order_by((PaymentAttempt.received - given).desc(), PaymentAttempt.id)
    )
    found = session.execute(query).first()
    if found is None:
        return 0, 0, 0
    attempt_id, left, count = found
    return attempt_id, min(int(left), payment.paid_amount - given_back(session, payment)), count


def given_back(session: Session, payment: Payment) -> int:
    """Return what was given back or may have been, minor units."""
    total = select(func.sum(PaymentRefund.amount)).where(
        PaymentRefund.payment_id == payment.id, PaymentRefund.state != "failed"
    )
    return max(int(session.scalar(total) or 0), payment.refunded_amount)


def send_refund(desk: Desk, refund_id: int) -> str:
    """Ask Stripe for a refund under its key and return its state: done, or failed where refused.

    A key that is too old to be remembered is looked for first. Raises OutcomeUnknown, and the job
    comes back.
    """
    refund, attempt, payment, old = _refund_of(desk, refund_id)
    if old and refund.state == "open":
        compare(desk, attempt.id)
        refund, attempt, payment, _old = _refund_of(desk, refund_id)
    if refund.state != "open":
        return refund.state
    note = {"refund": refund.key, **({"fee": "proportional"} if payment.fee else {})}
    try:
        desk.gateway.refund(
            attempt.account, intent=attempt.intent or "", amount=refund.amount, key=refund.key,
            note=note,
        )  # fmt: skip
    except (AccessRevoked, NotAtStripe, StripeRefused) as refusal:
        return _failed(desk, refund, refusal.message())
    compare(desk, attempt.id)
    return "done"


def _refund_of(desk: Desk, refund_id: int) -> tuple[PaymentRefund, PaymentAttempt, Payment, bool]:
    """Return a refund as it is, what it gives back, and whether its key may be forgotten."""
    with desk.writing() as session:
        refund = session.get_one(PaymentRefund, refund_id)
        attempt = session.get_one(PaymentAttempt, refund.attempt_id)
        payment = session.get_one(Payment, refund.payment_id)
        old = database_now(session) - refund.created_at > KEYS_LAST
        session.expunge_all()
    return refund, attempt, payment, old


def _failed(desk: Desk, refund: PaymentRefund, told: str) -> str:
    """Note that Stripe refused, and tell the house: nothing was given back."""
    with desk.writing() as session:
        locked_payment(session, refund.payment_id)
        session.get_one(PaymentRefund, refund.id).state = "failed"
        record(
            session, "payment.refund_failed", f"payment:{refund.payment_id}", actor=None, why=told
        )
        enqueue(session, FAILED_MAIL, refund=refund.id, why=told)
    return "failed"


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
