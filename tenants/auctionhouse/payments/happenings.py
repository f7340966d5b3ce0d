"""What a house does when Stripe says that something of its changed: fetch it, write it down.

Every function here may run twice, late, or in another order than things happened.
"""

from sqlalchemy import select

from auctionhouse.audit import record
from auctionhouse.payments import rules
from auctionhouse.payments.attempts import Thing, locked_payment, moment, take_in
from auctionhouse.payments.cards import take_in_card
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.joined import tell
from auctionhouse.payments.links import take_in_page
from auctionhouse.payments.models import PaymentAttempt, PaymentDispute, StripePayout
from auctionhouse.payments.refunding import compare
from auctionxchange.jobs.registry import WorkerServices
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.payments.gateway import StripeGateway
from auctionxchange.payments.tasks import HouseEvent, house_handler
from auctionxchange.tenancy.house import House

PAYOUT_MAIL = "payments.payout_mail"
DISPUTE_MAIL = "payments.dispute_mail"


def _desk(services: WorkerServices, gateway: StripeGateway, house: House) -> Desk:
    return Desk(services.settings, services.database, house, gateway)


def attempt_of(desk: Desk, account: str, intent: Thing) -> PaymentAttempt | None:
    """Return the attempt an intent belongs to, at its own account only."""
    key = (intent.get("metadata") or {}).get("attempt")
    query = select(PaymentAttempt).where(
        PaymentAttempt.account == account,
        (PaymentAttempt.intent == intent["id"]) | (PaymentAttempt.key == key),
    )
    with desk.writing() as session:
        found = session.scalars(query).first()
        session.expunge_all()
    return found


def _by_intent(desk: Desk, account: str, name: str | None) -> PaymentAttempt | None:
    """Fetch an intent, write it down, and return its attempt; None where it is not ours."""
    if not name:
        return None
    intent = desk.gateway.find(account, "payment_intent", name)
    attempt = attempt_of(desk, account, intent)
    if attempt is not None:
        with desk.writing() as session:
            take_in(session, attempt.id, intent)
    return attempt


@house_handler("payment_intent")
def intent_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """A payment went on."""
    _by_intent(_desk(services, gateway, house), told.account, told.object_id)


@house_handler("charge")
def charge_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """A charge was made or given back."""
    desk = _desk(services, gateway, house)
    charge = gateway.find(told.account, "charge", told.object_id)
    attempt = _by_intent(desk, told.account, charge.get("payment_intent"))
    if attempt is not None:
        compare(desk, attempt.id)


@house_handler("refund")
def refund_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """A refund was made or came back."""
    desk = _desk(services, gateway, house)
    refund = gateway.find(told.account, "refund", told.object_id)
    attempt = _by_intent(desk, told.account, refund.get("payment_intent"))
    if attempt is not None:
        compare(desk, attempt.id)


@house_handler("dispute")
def dispute_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """A cardholder objects, or the bank decided."""
    desk = _desk(services, gateway, house)
    dispute = gateway.find(told.account, "dispute", told.object_id)
    attempt = _by_intent(desk, told.account, dispute.get("payment_intent"))
    if attempt is not None:
        take_in_dispute(desk, attempt.payment_id, dispute)


def take_in_dispute(desk: Desk, payment_id: int, dispute: Thing) -> None:
    """Keep a dispute as it now is; a decided one stays decided."""
    status = dispute["status"]
    with desk.writing() as session:
        payment = locked_payment(session, payment_id)
        query = select(PaymentDispute).where(PaymentDispute.dispute == dispute["id"])
        row = session.scalars(query).one_or_none()
        if row is not None and (row.status == status or row.status in rules.OVER):
            return
        if row is None:
            row = PaymentDispute(
                payment_id=payment_id, dispute=dispute["id"], amount=dispute["amount"],
                reason=dispute["reason"],
            )  # fmt: skip
            session.add(row)
        row.status = status
        row.evidence_due = moment((dispute.get("evidence_details") or {}).get("due_by"))
        over = status in rules.OVER
        row.closed_at = database_now(session) if over else None
        session.flush()
        harmful = PaymentDispute.status.not_in(rules.HARMLESS)
        left = select(PaymentDispute.id).where(PaymentDispute.payment_id == payment_id, harmful)
        payment.disputed = session.scalars(left.limit(1)).first() is not None
        record(session, f"dispute.{status}", f"payment:{payment_id}", actor=None)
        enqueue(session, DISPUTE_MAIL, dispute=row.dispute, status=status)
        tell(session, payment, "closed" if over else "disputed")


@house_handler("checkout.session")
def page_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """A page of Stripe's was finished or expired."""
    desk = _desk(services, gateway, house)
    page = gateway.find(told.account, "checkout.session", told.object_id)
    if page["mode"] == "setup":
        take_in_card(desk, told.account, page["id"])
        return
    key = (page.get("metadata") or {}).get("attempt")
    with desk.writing() as session:
        query = select(PaymentAttempt.id).where(
            PaymentAttempt.account == told.account, PaymentAttempt.key == key
        )
        attempt_id = session.scalar(query)
    if attempt_id is not None:
        take_in_page(desk, attempt_id, told.account, page["id"])


@house_handler("payout")
def payout_changed(
    services: WorkerServices, gateway: StripeGateway, house: House, told: HouseEvent
) -> None:
    """Money is on its way to the house's bank, arrived, or came back."""
    desk = _desk(services, gateway, house)
    payout = gateway.find(told.account, "payout", told.object_id)
    with desk.writing() as session:
        row = session.get(StripePayout, payout["id"], with_for_update=True)
        before = None if row is None else row.status
        if row is None:
            row = StripePayout(
                payout=payout["id"], account=told.account, amount=payout["amount"],
                currency=payout["currency"].upper(),
            )  # fmt: skip
            session.add(row)
        row.status, row.failure = payout["status"], payout.get("failure_code")
        row.arrival_at = moment(payout.get("arrival_date"))
        if row.status == "failed" and before != "failed":
            record(session, "payout.failed", f"payout:{payout['id']}", actor=None, why=row.failure)
            enqueue(session, PAYOUT_MAIL, payout=payout["id"])
