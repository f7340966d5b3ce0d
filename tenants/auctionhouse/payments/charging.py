"""Working on an attempt: ask Stripe under its key, and again until the outcome is known."""

from datetime import timedelta

from sqlalchemy import select

from auctionhouse.payments import rules
from auctionhouse.payments.attempts import (
    KEYS_LAST,
    SETTLE,
    Thing,
    advance,
    begin_card,
    locked_attempt,
    moment,
    take_in,
)
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.joined import has_owner
from auctionhouse.payments.links import offer_link
from auctionhouse.payments.models import Payment, PaymentAttempt, PaymentRefund
from auctionhouse.payments.refunding import SEND
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.logs import logger
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.payments.accounts import active_account
from auctionxchange.payments.gateway import Bill
from auctionxchange.payments.refusals import (
    AccessRevoked,
    AuthenticationNeeded,
    NotAtStripe,
    OutcomeUnknown,
    PaymentDeclined,
    StripeRefused,
)

LOST = timedelta(minutes=10)
_log = logger("payments")


def charge_now(desk: Desk, payment_id: int, *, hold: bool = False) -> str:
    """Charge the card on file and return the attempt's state; the same act however often asked."""
    with desk.writing() as session:
        payment = session.get_one(Payment, payment_id)
        account = active_account(desk.database, desk.house, payment.entity, payment.currency)
        attempt = begin_card(session, desk.house.schema, payment_id, account.account, hold=hold)
        attempt_id = attempt.id
    return settle(desk, attempt_id)


def settle(desk: Desk, attempt_id: int) -> str:
    """Find out what became of an attempt, charging under its key where nothing was yet.

    Raises OutcomeUnknown where Stripe does not answer: the attempt stays and the job comes back.
    """
    with desk.writing() as session:
        payment, attempt = locked_attempt(session, attempt_id)
        session.expunge_all()
        old = database_now(session) - attempt.created_at > KEYS_LAST
    if attempt.state not in {"open", "unknown"} or attempt.way == "link":
        return attempt.state
    try:
        intent = _found(desk, attempt) if old or attempt.intent else None
        intent = intent or _charged(desk, payment, attempt)
    except (AuthenticationNeeded, PaymentDeclined) as refusal:
        return _refused(desk, attempt, refusal)
    except OutcomeUnknown:
        _mark(desk, attempt_id, rules.Reading("unknown"))
        raise
    except (AccessRevoked, StripeRefused) as refusal:
        return _mark(desk, attempt_id, rules.Reading("refused", reason=refusal.code))
    return _taken_in(desk, attempt_id, intent)


def _charged(desk: Desk, payment: Payment, attempt: PaymentAttempt) -> Thing:
    bill = bill_of(payment, attempt)
    return desk.gateway.charge(attempt.account, bill, card=attempt.card or "", key=attempt.key)


def bill_of(payment: Payment, attempt: PaymentAttempt) -> Bill:
    """Return what Stripe is told; the attempt's key goes along, so that it can be found again."""
    return Bill(
        amount=payment.amount,
        currency=payment.currency,
        customer=attempt.customer,
        description=payment.description,
        metadata={"attempt": attempt.key, payment.kind: str(payment.reference_id)},
        fee=payment.fee,
        hold=attempt.way == "hold",
    )


def _found(desk: Desk, attempt: PaymentAttempt) -> Thing | None:
    """Look for an attempt's intent at Stripe, by its id or by the key it carries."""
    if attempt.intent:
        return desk.gateway.find(attempt.account, "payment_intent", attempt.intent)
    for intent in desk.gateway.intents_of(attempt.account, attempt.customer):
        if (intent.get("metadata") or {}).get("attempt") == attempt.key:
            return intent
    return None


def _taken_in(desk: Desk, attempt_id: int, intent: Thing) -> str:
    with desk.writing() as session:
        take_in(session, attempt_id, intent)
        _, attempt = locked_attempt(session, attempt_id)
        state = attempt.state
    if state == "held":
        note_hold(desk, attempt_id, intent)
    return state


def note_hold(desk: Desk, attempt_id: int, intent: Thing) -> None:
    """Keep until when a hold can be taken."""
    charge = desk.gateway.find(attempt_account(desk, attempt_id), "charge", intent["latest_charge"])
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    with desk.writing() as session:
        _, attempt = locked_attempt(session, attempt_id)
        attempt.capture_before = moment(card.get("capture_before"))


def attempt_account(desk: Desk, attempt_id: int) -> str:
    """Return the account an attempt was made at."""
    with desk.writing() as session:
        return session.get_one(PaymentAttempt, attempt_id).account


def _refused(
    desk: Desk, attempt: PaymentAttempt, refusal: AuthenticationNeeded | PaymentDeclined
) -> str:
    """Write a final refusal down; one that wants the cardholder leads to a link to pay.

    Where the payment belongs to somebody, they decide about the link.
    """
    wanted = isinstance(refusal, AuthenticationNeeded)
    reason = "authentication_required" if wanted else refusal.fields["reason"]
    with desk.writing() as session:
        payment, current = locked_attempt(session, attempt.id)
        current.intent = current.intent or refusal.fields["intent"]
        moved = advance(
            session, payment, current, rules.Reading("action" if wanted else "declined", 0, reason)
        )
        if moved and wanted and not has_owner(payment):
            offer_link(session, payment)
        return current.state


def _mark(desk: Desk, attempt_id: int, reading: rules.Reading) -> str:
    with desk.writing() as session:
        payment, attempt = locked_attempt(session, attempt_id)
        advance(session, payment, attempt, reading)
        return attempt.state


def capture_hold(desk: Desk, attempt_id: int, amount: int) -> str:
    """Take what a hold holds, or less (minor units)."""
    with desk.writing() as session:
        _, attempt = locked_attempt(session, attempt_id)
        session.expunge_all()
    if attempt.state != "held" or attempt.intent is None:
        return attempt.state
    key = f"{attempt.key}:capture"
    intent = desk.gateway.capture(attempt.account, attempt.intent, amount=amount, key=key)
    return _taken_in(desk, attempt_id, intent)


def renew_holds(desk: Desk) -> list[int]:
    """Let expired holds go and hold anew; returns the payments concerned.

    A card that no longer takes a hold leaves its payment due; the others are gone on with.
    """
    with desk.writing() as session:
        query = select(PaymentAttempt).where(PaymentAttempt.state == "held")
        held = list(session.scalars(query))
        session.expunge_all()
    renewed = []
    for attempt in held:
        try:
            if _ended(desk, attempt):
                charge_now(desk, attempt.payment_id, hold=True)
                renewed.append(attempt.payment_id)
        except Conflict as refusal:
            _log.info("hold not renewed", payment=attempt.payment_id, reason=refusal.code)
    return renewed


def _ended(desk: Desk, attempt: PaymentAttempt) -> bool:
    """Ask what became of a hold, and tell whether it is over without being taken."""
    try:
        intent = desk.gateway.find(attempt.account, "payment_intent", attempt.intent or "")
    except AccessRevoked:
        return _mark(desk, attempt.id, rules.Reading("cancelled")) == "cancelled"
    return _taken_in(desk, attempt.id, intent) == "cancelled"


def resume_lost(desk: Desk, *, older_than: timedelta = LOST) -> int:
    """Have attempts and refunds worked on again that have no outcome yet; returns how many."""
    with desk.writing() as session:
        before = database_now(session) - older_than
        query = select(PaymentAttempt.id).where(
            PaymentAttempt.state.in_(("open", "unknown")),
            PaymentAttempt.way != "link",
            PaymentAttempt.created_at < before,
        )
        lost = list(session.scalars(query))
        for attempt_id in lost:
            enqueue(session, SETTLE, attempt=attempt_id)
        unsent = select(PaymentRefund.id).where(
            PaymentRefund.state == "open", PaymentRefund.created_at < before
        )
        refunds = list(session.scalars(unsent))
        for refund_id in refunds:
            enqueue(session, SEND, refund=refund_id)
    return len(lost) + len(refunds)


def look_up(desk: Desk, attempt: PaymentAttempt) -> str:
    """Fetch an attempt's intent and write down what it says; raises NotAtStripe."""
    intent = _found(desk, attempt)
    if intent is None:
        raise NotAtStripe
    return _taken_in(desk, attempt.id, intent)
