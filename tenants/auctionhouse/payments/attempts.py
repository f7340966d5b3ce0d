"""Asking for money and writing down what came of it, one attempt at a time.

An attempt and its key are committed before Stripe is asked, and one payment has one open attempt
at most, so eight people who press at once press the same button.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.audit import record
from auctionhouse.payments import rules
from auctionhouse.payments.joined import tell
from auctionhouse.payments.models import CardOnFile, Payment, PaymentAttempt
from auctionhouse.payments.refusals import (
    AlreadyPaid,
    AmountChanged,
    BeingPaid,
    NoCard,
    PaymentUnknown,
)
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import enqueue

SETTLE = "payments.settle"

TOLD = frozenset({"paid", "held", "action", "declined", "cancelled"})
"""States of an attempt that whoever the payment belongs to is told of."""

KEYS_LAST = timedelta(hours=23)
"""Stripe keeps idempotency keys for a day; beyond that we look before we ask."""

Thing = dict[str, Any]


def ask_for(
    session: Session, *, kind: str, reference_id: int, client_id: int, amount: int, currency: str,
    description: str, entity: int, fee: int = 0, actor: int | None,
) -> Payment:  # fmt: skip
    """Return the payment for a thing, made where there is none.

    amount and fee are minor units of the currency; fee is the platform's share; entity is the legal
    entity that is owed, whose Stripe account takes the money. Another amount than before is taken
    over as long as nobody is paying; raises AmountChanged otherwise.
    """
    query = select(Payment).where(Payment.kind == kind, Payment.reference_id == reference_id)
    known = session.scalars(query.with_for_update()).one_or_none()
    if known is not None:
        if (known.amount, known.currency) != (amount, currency):
            _ask_anew(session, known, amount, currency, fee=fee, actor=actor)
        return known
    payment = Payment(
        kind=kind, reference_id=reference_id, client_id=client_id, amount=amount,
        currency=currency, description=description, entity=entity, fee=fee,
    )  # fmt: skip
    session.add(payment)
    session.flush()
    record(session, "payment.asked", f"payment:{payment.id}", actor=actor, amount=amount)
    return payment


def _ask_anew(
    session: Session, payment: Payment, amount: int, currency: str, *, fee: int, actor: int | None
) -> None:
    """Ask for another amount where nothing was paid and nobody is paying."""
    if payment.currency != currency or open_attempt(session, payment) is not None:
        raise AmountChanged
    record(
        session, "payment.asked", f"payment:{payment.id}", actor=actor, amount=amount,
        before=payment.amount,
    )  # fmt: skip
    payment.amount, payment.fee = amount, fee


def locked_payment(session: Session, payment_id: int) -> Payment:
    """Return a payment, held until the transaction ends; raises PaymentUnknown."""
    query = select(Payment).where(Payment.id == payment_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise PaymentUnknown
    return found


def begin_card(
    session: Session, house: str, payment_id: int, account: str, *, hold: bool = False
) -> PaymentAttempt:
    """Return the open attempt to charge the card on file, a new one where there is none.

    Raises AlreadyPaid, BeingPaid (by link) and NoCard. The attempt is worked on after commit.
    """
    payment = locked_payment(session, payment_id)
    way = "hold" if hold else "card"
    current = open_attempt(session, payment)
    if current is not None:
        if current.way != way:
            raise BeingPaid
        return current
    kept = session.get(CardOnFile, (payment.client_id, account))
    if kept is None or kept.card is None or kept.customer is None:
        raise NoCard
    attempt = new_attempt(
        session, house, payment, way, account=account, customer=kept.customer, card=kept.card
    )
    enqueue(session, SETTLE, attempt=attempt.id)
    return attempt


def open_attempt(session: Session, payment: Payment) -> PaymentAttempt | None:
    """Return the attempt whose outcome is not known yet; raises AlreadyPaid."""
    if payment.state == "paid":
        raise AlreadyPaid
    query = select(PaymentAttempt).where(
        PaymentAttempt.payment_id == payment.id, PaymentAttempt.state.in_(rules.OPEN)
    )
    return session.scalars(query).one_or_none()


def new_attempt(
    session: Session, house: str, payment: Payment, way: str, *, account: str, customer: str,
    card: str | None = None,
) -> PaymentAttempt:  # fmt: skip
    """Write the next attempt down, with a key nobody used."""
    newest = select(func.max(PaymentAttempt.number)).where(PaymentAttempt.payment_id == payment.id)
    number = (session.scalar(newest) or 0) + 1
    key = rules.attempt_key(house, payment.kind, payment.reference_id, way, number)
    attempt = PaymentAttempt(
        payment_id=payment.id, number=number, way=way, key=key, account=account,
        customer=customer, card=card, state="open",
    )  # fmt: skip
    session.add(attempt)
    payment.state = "pending"
    session.flush()
    record(session, "payment.attempted", f"payment:{payment.id}", actor=None, key=key, way=way)
    return attempt


def locked_attempt(session: Session, attempt_id: int) -> tuple[Payment, PaymentAttempt]:
    """Return an attempt with its payment, both held; the payment first, always."""
    payment_id = session.scalar(
        select(PaymentAttempt.payment_id).where(PaymentAttempt.id == attempt_id)
    )
    payment = locked_payment(session, payment_id or 0)
    return payment, session.get_one(PaymentAttempt, attempt_id, populate_existing=True)


def take_in(session: Session, attempt_id: int, intent: Thing) -> None:
    """Write down what an intent now says; older news than what is known changes nothing."""
    payment, attempt = locked_attempt(session, attempt_id)
    failure = intent.get("last_payment_error") or {}
    reading = rules.read_intent(
        intent["status"],
        intent.get("amount_received") or 0,
        failure.get("decline_code") or failure.get("code"),
        way=attempt.way,
    )
    attempt.intent = attempt.intent or intent["id"]
    if reading.state is not None:
        advance(session, payment, attempt, reading)


def advance(
    session: Session, payment: Payment, attempt: PaymentAttempt, reading: rules.Reading
) -> bool:
    """Move an attempt and its payment on; False where that would be backwards."""
    state = reading.state or attempt.state
    if not rules.may_follow(attempt.state, state):
        return False
    attempt.state, attempt.reason = state, reading.reason
    attempt.received = reading.received
    if state in rules.FINAL:
        attempt.ended_at = database_now(session)
    if state == "paid":
        _paid(session, payment, attempt)
    elif payment.state != "paid":
        payment.state = rules.PAYMENT_STATE[state]
    record(
        session, f"payment.{state}", f"payment:{payment.id}", actor=None,
        key=attempt.key, reason=reading.reason,
    )  # fmt: skip
    if state in TOLD:
        tell(session, payment, state)
    return True


def _paid(session: Session, payment: Payment, attempt: PaymentAttempt) -> None:
    session.flush()
    total = select(func.sum(PaymentAttempt.received)).where(PaymentAttempt.payment_id == payment.id)
    payment.paid_amount = int(session.scalar(total) or 0)
    payment.state = "paid"
    payment.paid_at = payment.paid_at or attempt.ended_at
    payment.deadline = None


def moment(seconds: int | None) -> datetime | None:
    """Return a time Stripe gave, or None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
