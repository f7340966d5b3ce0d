"""Links to pay: a signed address with a deadline, and Stripe's own page behind it."""

from datetime import timedelta

from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from auctionhouse.audit import record
from auctionhouse.payments import rules
from auctionhouse.payments.attempts import (
    advance,
    locked_attempt,
    locked_payment,
    new_attempt,
    open_attempt,
    take_in,
)
from auctionhouse.payments.cards import customer_at
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import Payment, PaymentAttempt
from auctionhouse.payments.refusals import AlreadyPaid, BeingPaid, LinkExpired
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.signing import house_serializer
from auctionxchange.payments.accounts import active_account
from auctionxchange.payments.gateway import Bill
from auctionxchange.tenancy.house import House

PURPOSE = "pay-link"
HOLD = "hold"
"""The kind of payments that are held on the card and only captured later."""

LINK_MAIL = "payments.link_mail"
TIME_TO_PAY = timedelta(days=3)
UNFINISHED = frozenset({"open", "unknown", "held"})


def offer_link(
    session: Session, payment: Payment, *, lasts: timedelta = TIME_TO_PAY, mail: bool = True
) -> None:
    """Give the client until a deadline to pay by link, and send it unless they are here."""
    payment.deadline = database_now(session) + lasts
    record(session, "payment.link_offered", f"payment:{payment.id}", actor=None, mail=mail)
    if mail:
        enqueue(session, LINK_MAIL, payment=payment.id)


def token_of(settings: Settings, house: House, payment_id: int) -> str:
    """Sign a payment's id for this house alone."""
    return str(house_serializer(settings, house, PURPOSE).dumps(payment_id))


def read_token(settings: Settings, house: House, token: str) -> int:
    """Return the payment a token was signed for; raises LinkExpired."""
    try:
        payment_id = house_serializer(settings, house, PURPOSE).loads(token)
    except BadSignature as error:
        raise LinkExpired from error
    if not isinstance(payment_id, int):
        raise LinkExpired
    return payment_id


def still_valid(session: Session, payment: Payment) -> Payment:
    """Return a payment that may be paid by link; raises AlreadyPaid, LinkExpired."""
    if payment.state == "paid":
        raise AlreadyPaid
    if payment.deadline is None or payment.deadline < database_now(session):
        raise LinkExpired
    return payment


def open_page(desk: Desk, payment_id: int, *, back: str) -> str:
    """Return the address of Stripe's page for a payment: the open one, or a new one.

    Raises AlreadyPaid, LinkExpired, BeingPaid (a card is being charged), NotConnected.
    """
    refresh(desk, payment_id)
    with desk.writing() as session:
        payment = still_valid(session, locked_payment(session, payment_id))
        session.expunge_all()
    account = active_account(desk.database, desk.house, payment.entity, payment.currency)
    customer = customer_at(desk, payment.client_id, account.account)
    with desk.writing() as session:
        payment = still_valid(session, locked_payment(session, payment_id))
        attempt = open_attempt(session, payment)
        if attempt is not None and attempt.way != "link":
            raise BeingPaid
        attempt = attempt or new_attempt(
            session, desk.house.schema, payment, "link", account=account.account, customer=customer
        )
        session.flush()
        session.expunge_all()
    return _page(desk, payment, attempt, back)


def _page(desk: Desk, payment: Payment, attempt: PaymentAttempt, back: str) -> str:
    """Make the page under the attempt's key: asked again, Stripe tells of the same page."""
    bill = Bill(
        amount=payment.amount,
        currency=payment.currency,
        customer=attempt.customer,
        description=payment.description,
        metadata={"attempt": attempt.key, payment.kind: str(payment.reference_id)},
        fee=payment.fee,
        hold=payment.kind == HOLD,
    )
    page = desk.gateway.payment_session(attempt.account, bill, back=back, key=attempt.key)
    with desk.writing() as session:
        _, current = locked_attempt(session, attempt.id)
        current.session = page["id"]
    return str(page["url"])


def refresh(desk: Desk, payment_id: int) -> None:
    """Ask Stripe what became of a payment's open page, and write it down."""
    with desk.writing() as session:
        payment = locked_payment(session, payment_id)
        if payment.state == "paid":
            return
        attempt = open_attempt(session, payment)
        session.expunge_all()
    if attempt is None or attempt.way != "link" or attempt.session is None:
        return
    take_in_page(desk, attempt.id, attempt.account, attempt.session)


def take_in_page(desk: Desk, attempt_id: int, account: str, page_id: str) -> None:
    """Write down what a Checkout page says: paid, expired, or nothing yet."""
    page = desk.gateway.find(account, "checkout.session", page_id)
    name = page.get("payment_intent")
    intent = desk.gateway.find(account, "payment_intent", name) if name else None
    with desk.writing() as session:
        payment, attempt = locked_attempt(session, attempt_id)
        if intent is not None:
            take_in(session, attempt_id, intent)
        if page["status"] == "expired" and attempt.state in UNFINISHED:
            advance(session, payment, attempt, rules.Reading("cancelled"))
            payment.state = "action_required"
