"""Jobs of payments: working on attempts, and the mails that follow from them."""

from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client, Member
from auctionhouse.payments import happenings, rules  # noqa: F401 - registers what houses do
from auctionhouse.payments.attempts import SETTLE
from auctionhouse.payments.charging import settle
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.happenings import DISPUTE_MAIL, PAYOUT_MAIL
from auctionhouse.payments.links import LINK_MAIL, token_of
from auctionhouse.payments.models import Payment, PaymentDispute, PaymentRefund, StripePayout
from auctionhouse.payments.refunding import FAILED_MAIL, SEND, send_refund
from auctionhouse.payments.words import account_words, dispute_words
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.money import currency, format_amount
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.payments.tasks import ACCOUNT_MAIL
from auctionxchange.tenancy.house import House

_OWNERS = text(
    "SELECT m.email FROM member m JOIN member_role r ON r.member_id = m.id"
    " JOIN role o ON o.id = r.role_id WHERE o.name = 'owner' AND m.active"
)


def desk_of(services: WorkerServices, house: House) -> Desk:
    """Open a house's desk for a job; raises PaymentsOff without a key."""
    return Desk(services.settings, services.database, house, make_gateway(services.settings))


@TASKS.house_task(SETTLE)
def settle_attempt(
    services: WorkerServices, house: House, session: Session, *, attempt: int
) -> None:
    """Find out what became of an attempt; the job comes back until that is known."""
    del session
    settle(desk_of(services, house), attempt)


@TASKS.house_task(SEND)
def refund_payment(
    services: WorkerServices, house: House, session: Session, *, refund: int
) -> None:
    """Give back what was approved; the job comes back until Stripe has answered."""
    del session
    send_refund(desk_of(services, house), refund)


@TASKS.house_task(FAILED_MAIL)
def refund_failed_mail(
    services: WorkerServices, house: House, session: Session, *, refund: int, why: str
) -> None:
    """Tell the owners that Stripe refused to give money back."""
    row = session.get_one(PaymentRefund, refund)
    payment = session.get_one(Payment, row.payment_id)
    with force_locale(house.language):
        amount = format_amount(row.amount, currency(payment.currency), house.language)
        subject = _("A refund of %(amount)s failed", amount=amount)
        context = {
            "payment": payment,
            "amount": amount,
            "why": why,
            "address": house.url(services.settings, f"/manage/money/cards/{payment.id}"),
        }
        for to in session.scalars(_OWNERS):
            _send(session, to, subject, "refund_failed", context)


@TASKS.house_task(LINK_MAIL)
def link_mail(services: WorkerServices, house: House, session: Session, *, payment: int) -> None:
    """Send a client the link to pay."""
    owed = session.get_one(Payment, payment)
    client = session.get_one(Client, owed.client_id)
    member = None if client.member_id is None else session.get(Member, client.member_id)
    to = client.email or (None if member is None else member.email)
    if to is None or owed.state == "paid":
        return
    with force_locale((member.locale if member else None) or house.language):
        address = house.url(
            services.settings, f"/pay/{token_of(services.settings, house, payment)}"
        )
        context = {"payment": owed, "client": client, "address": address, "house": house}
        declined = owed.state == "failed"
        subject = (
            _("Your card was declined: %(what)s", what=owed.description)
            if declined
            else _("Please confirm your payment: %(what)s", what=owed.description)
        )
        _send(session, to, subject, "link", context)


@TASKS.house_task(PAYOUT_MAIL)
def payout_mail(services: WorkerServices, house: House, session: Session, *, payout: str) -> None:
    """Tell the owners that Stripe could not pay the house out."""
    del services
    row = session.get_one(StripePayout, payout)
    with force_locale(house.language):
        amount = format_amount(row.amount, currency(row.currency), house.language)
        subject = _("A payout of %(amount)s failed", amount=amount)
        for to in session.scalars(_OWNERS):
            _send(session, to, subject, "payout", {"row": row, "amount": amount, "house": house})


@TASKS.house_task(ACCOUNT_MAIL)
def account_mail(
    services: WorkerServices,
    house: House,
    session: Session,
    *,
    account: str,
    entity: int,
    state: str,
) -> None:
    """Tell the owners that an account takes cards now, or no longer."""
    company = session.get(LegalEntity, entity)
    name = house.name if company is None else company.name
    with force_locale(house.language):
        subject = _("Card payments of %(name)s: what changed", name=name)
        context = {
            "name": name,
            "account": account,
            "said": account_words(state),
            "address": house.url(services.settings, "/manage/money/cards"),
        }
        for to in session.scalars(_OWNERS):
            _send(session, to, subject, "account", context)


@TASKS.house_task(DISPUTE_MAIL)
def dispute_mail(
    services: WorkerServices, house: House, session: Session, *, dispute: str, status: str
) -> None:
    """Tell the owners that a cardholder objects, or how it was decided."""
    row = session.scalars(select(PaymentDispute).where(PaymentDispute.dispute == dispute)).one()
    payment = session.get_one(Payment, row.payment_id)
    if row.status != status:
        return
    with force_locale(house.language):
        amount = format_amount(row.amount, currency(payment.currency), house.language)
        context = {
            "row": row,
            "payment": payment,
            "amount": amount,
            "said": dispute_words(status),
            "open": status not in rules.OVER,
            "address": house.url(services.settings, f"/manage/money/cards/{payment.id}"),
        }
        subject = _("Dispute of %(amount)s: %(state)s", amount=amount, state=context["said"])
        for to in session.scalars(_OWNERS):
            _send(session, to, subject, "dispute", context)


def _send(session: Session, to: str, subject: str, name: str, context: dict[str, Any]) -> None:
    texts = {
        part: render_template(f"payments/mail/{name}.{ending}", subject=subject, **context)
        for part, ending in (("text", "txt"), ("html", "html"))
    }
    enqueue(session, "mail.send", to=to, subject=subject, **texts)
