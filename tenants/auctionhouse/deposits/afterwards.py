"""After the sale: deposits of who won nothing go back, a winner's pays the invoice."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.deposits.operations import KINDS, standing_deposit
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.accounts import spend_credit
from auctionhouse.invoicing.happened import RELEASED, when
from auctionhouse.invoicing.models import Invoice
from auctionhouse.payments.attempts import Thing, locked_payment, take_in
from auctionhouse.payments.charging import capture_hold
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import Payment, PaymentAttempt
from auctionhouse.payments.refunding import SEND, begin_refund, given_back
from auctionxchange.kernel.outbox import enqueue

CAPTURE = "deposits.capture"
_LOSERS = text(
    "SELECT p.id FROM payment p JOIN registration r ON r.id = p.reference_id"
    " WHERE p.kind IN ('hold', 'deposit') AND p.state IN ('held', 'paid')"
    " AND r.sale_id = :sale AND NOT EXISTS (SELECT FROM bought b WHERE b.sale_id = r.sale_id"
    "  AND b.client_id = r.client_id)"
    " AND NOT EXISTS (SELECT FROM invoice i WHERE i.sale_id = r.sale_id"
    "  AND i.client_id = r.client_id) ORDER BY p.id"
)
_ANY = text(
    "SELECT EXISTS (SELECT FROM registration r JOIN payment p ON p.reference_id = r.id"
    " AND p.kind IN ('hold', 'deposit') WHERE r.sale_id = :sale AND r.client_id = :client)"
)
_OF_BUYER = (
    "SELECT p.id FROM payment p JOIN registration r ON r.id = p.reference_id"
    " WHERE p.kind = 'hold' AND p.state = 'held' AND r.sale_id = :sale AND r.client_id = :client"
)


@when(RELEASED)
def invoice_released(session: Session, invoice: Invoice) -> None:
    """Pay a released invoice with its buyer's deposit, and capture what is held."""
    key = {"sale": invoice.sale_id, "client": invoice.client_id}
    if invoice.charges_for is not None or not session.scalar(_ANY, key):
        return
    left = standing_deposit(session, invoice.sale_id, invoice.client_id)
    if left > 0:
        spend_credit(session, invoice, most=left, actor=None)
    if postings.due(session, invoice.id) <= 0:
        return
    for payment_id in session.scalars(text(_OF_BUYER), key):
        enqueue(session, CAPTURE, payment=payment_id, invoice=invoice.id)


def capture_for(desk: Desk, payment_id: int, invoice_id: int) -> None:
    """Capture what is held for an invoice, at most what is due; the rest of the hold is let go."""
    with desk.writing() as session:
        attempt = _standing(session, payment_id, "held")
        due = postings.due(session, invoice_id)
        payment = session.get_one(Payment, payment_id)
        amount = min(payment.amount, due)
        session.expunge_all()
    if attempt is not None and amount > 0:
        capture_hold(desk, attempt.id, amount)


def let_losers_go(desk: Desk, sale_id: int) -> int:
    """Let holds go and give deposits back where the bidder won nothing; returns how many."""
    with desk.writing() as session:
        losers = list(session.scalars(_LOSERS, {"sale": sale_id}))
    for payment_id in losers:
        let_go(desk, payment_id)
    return len(losers)


def let_go(desk: Desk, payment_id: int) -> None:
    """Let a hold go, or give a deposit back in whole; doing it again changes nothing."""
    with desk.writing() as session:
        payment = session.get_one(Payment, payment_id)
        held = _standing(session, payment_id, "held")
        session.expunge_all()
    if held is not None and held.intent is not None:
        intent: Thing = desk.gateway.cancel(held.account, held.intent, key=f"{held.key}:let_go")
        with desk.writing() as session:
            take_in(session, held.id, intent)
        return
    if payment.state == "paid" and payment.kind in KINDS:
        _give_back(desk, payment_id)


def _give_back(desk: Desk, payment_id: int) -> None:
    """Have whatever is left of a paid deposit given back by the payments' own job."""
    with desk.writing() as session:
        payment = locked_payment(session, payment_id)
        left = payment.paid_amount - given_back(session, payment)
        if left > 0:
            refund = begin_refund(session, payment_id, left, reason="deposit", actor=None)
            enqueue(session, SEND, refund=refund.id)


def _standing(session: Session, payment_id: int, state: str) -> PaymentAttempt | None:
    query = select(PaymentAttempt).where(
        PaymentAttempt.payment_id == payment_id, PaymentAttempt.state == state
    )
    return session.scalars(query).first()
