"""Asking a bidder for a deposit, and what follows when money is held, paid, let go or returned.

Without it a bidder bids up to the sale's limit on each lot; with it there is none. A deposit that
was paid is the buyer's credit, which pays their invoice; nobody who won nothing loses a penny.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Sale
from auctionhouse.deposits.models import DepositMoney, SaleDeposit
from auctionhouse.deposits.refusals import DepositSettled, NoDepositAsked
from auctionhouse.invoicing import account_rules
from auctionhouse.invoicing.accounts import post_to_account, spend_credit
from auctionhouse.invoicing.entities import entity_for
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.payments.attempts import ask_for
from auctionhouse.payments.joined import told_of
from auctionhouse.payments.links import HOLD, offer_link
from auctionhouse.payments.models import Payment
from auctionhouse.registrations.models import Registration
from auctionxchange.i18n import gettext as _

DEPOSIT = "deposit"
KINDS = (HOLD, DEPOSIT)
LEFT = frozenset({"held", "paid"})
_LEFT_ON = text(
    "SELECT EXISTS (SELECT FROM payment p JOIN registration r ON r.id = p.reference_id"
    " WHERE p.kind IN ('hold', 'deposit') AND r.sale_id = :sale)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sale asks; amounts are minor units of its currency."""

    way: str
    amount: int
    above: int


def ask_of_sale(session: Session, sale_id: int, asked: Asked | None, *, actor: int) -> None:
    """Set what a sale asks of new bidders, or None for nothing; raises DepositSettled."""
    sale = lock_sale(session, sale_id)
    found = session.get(SaleDeposit, sale.id)
    if session.scalar(_LEFT_ON, {"sale": sale.id}):
        raise DepositSettled
    if found is not None:
        session.delete(found)
        session.flush()
    if asked is not None:
        session.add(
            SaleDeposit(sale_id=sale.id, way=asked.way, amount=asked.amount, above=asked.above)
        )
    session.flush()
    detail = {} if asked is None else {"way": asked.way, "amount": asked.amount,
                                       "above": asked.above}  # fmt: skip
    audit.record(session, "sale.deposit", f"sale:{sale.id}", actor=actor, **detail)


def ask_bidder(session: Session, registration: Registration, *, actor: int | None) -> Payment:
    """Ask a registered bidder for what their sale asks, to be left by link at once."""
    sale = session.get_one(Sale, registration.sale_id)
    asked = session.get(SaleDeposit, sale.id)
    if asked is None or sale.state != "published" or registration.state != "approved":
        raise NoDepositAsked
    payment = ask_for(
        session,
        kind=asked.way,
        reference_id=registration.id,
        client_id=registration.client_id,
        amount=asked.amount,
        currency=sale.currency,
        description=_("Deposit: %(sale)s", sale=sale.title),
        entity=entity_for(session, sale).id,
        actor=actor,
    )
    if payment.state not in LEFT:
        offer_link(session, payment, mail=False)
    return payment


def deposit_of(session: Session, registration_id: int) -> Payment | None:
    """Return what a registration left or was asked for."""
    query = select(Payment).where(Payment.kind.in_(KINDS), Payment.reference_id == registration_id)
    return session.scalars(query).one_or_none()


@told_of(HOLD)
@told_of(DEPOSIT)
def take_in(session: Session, payment: Payment, what: str) -> None:
    """Lift or set the bidder's limit, and post what is new of the money."""
    registration = session.get_one(Registration, payment.reference_id, with_for_update=True)
    if what in LEFT:
        _limit(session, registration, None)
    elif what == "cancelled":
        _limit_again(session, registration)
    if what == "paid":
        _paid(session, registration, payment)
    elif what == "refunded":
        _returned(session, registration, payment)


def _limit_again(session: Session, registration: Registration) -> None:
    asked = session.get(SaleDeposit, registration.sale_id)
    if asked is not None:
        _limit(session, registration, asked.above)


def _limit(session: Session, registration: Registration, limit: int | None) -> None:
    """Set how far a bidder may go on one lot; bids that stand are not touched."""
    if registration.bid_limit == limit:
        return
    registration.bid_limit = limit
    session.flush()
    audit.record(
        session, "registration.limit", f"registration:{registration.id}", actor=None,
        bid_limit=limit, why="deposit",
    )  # fmt: skip


def _money(session: Session, payment: Payment) -> DepositMoney:
    found = session.get(DepositMoney, payment.id, with_for_update=True)
    if found is None:
        found = DepositMoney(payment_id=payment.id, taken_in=0, given_back=0)
        session.add(found)
    return found


def _paid(session: Session, registration: Registration, payment: Payment) -> None:
    money = _money(session, payment)
    fresh = payment.paid_amount - money.taken_in
    if fresh <= 0:
        return
    money.taken_in += fresh
    entity = session.get_one(LegalEntity, payment.entity)
    entries = account_rules.deposited(fresh, payment.client_id)
    post_to_account(session, entity, DEPOSIT, entries, actor=None)
    for invoice in open_invoices(session, registration):
        fresh -= spend_credit(session, invoice, most=fresh, actor=None)


def _returned(session: Session, registration: Registration, payment: Payment) -> None:
    money = _money(session, payment)
    fresh = payment.refunded_amount - money.given_back
    if fresh <= 0:
        return
    money.given_back += fresh
    entity = session.get_one(LegalEntity, payment.entity)
    entries = account_rules.credit_returned(fresh, payment.client_id)
    post_to_account(session, entity, "deposit_refund", entries, actor=None)
    _limit_again(session, registration)


def standing_deposit(session: Session, sale_id: int, client_id: int) -> int:
    """Return what a bidder paid as a deposit for a sale and did not get back, minor units."""
    query = (
        select(func.coalesce(func.sum(DepositMoney.taken_in - DepositMoney.given_back), 0))
        .join(Payment, Payment.id == DepositMoney.payment_id)
        .join(Registration, Registration.id == Payment.reference_id)
        .where(Registration.sale_id == sale_id, Registration.client_id == client_id)
    )
    return int(session.scalar(query) or 0)


def open_invoices(session: Session, registration: Registration) -> list[Invoice]:
    """Return a bidder's released invoices of the sale."""
    query = select(Invoice).where(
        Invoice.sale_id == registration.sale_id,
        Invoice.client_id == registration.client_id,
        Invoice.kind == "invoice",
        Invoice.number.is_not(None),
    )
    return list(session.scalars(query.order_by(Invoice.id)))
