"""What staff see of card payments: the latest, with their tries, and payouts that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from auctionhouse.members.models import Client
from auctionhouse.payments.models import (
    Payment,
    PaymentAttempt,
    PaymentDispute,
    PaymentRefund,
    StripePayout,
)


@dataclass(frozen=True, slots=True)
class PaymentStory:
    """One payment with everything that happened to it."""

    payment: Payment
    client: Client
    attempts: Sequence[PaymentAttempt]
    refunds: Sequence[PaymentRefund]
    disputes: Sequence[PaymentDispute]


def select_payments() -> Select[Any]:
    """Select payments with their clients' names, the newest first."""
    query = select(Payment, Client.name.label("client"))
    query = query.join(Client, Client.id == Payment.client_id).order_by(Payment.id.desc())
    return cast("Select[Any]", query)


def payment_story(session: Session, payment_id: int) -> PaymentStory | None:
    """Return one payment with its attempts, refunds and disputes, oldest first."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        return None
    attempts = select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id)
    refunds = select(PaymentRefund).where(PaymentRefund.payment_id == payment_id)
    disputes = select(PaymentDispute).where(PaymentDispute.payment_id == payment_id)
    return PaymentStory(
        payment,
        session.get_one(Client, payment.client_id),
        session.scalars(attempts.order_by(PaymentAttempt.number)).all(),
        session.scalars(refunds.order_by(PaymentRefund.id)).all(),
        session.scalars(disputes.order_by(PaymentDispute.id)).all(),
    )


def failed_payouts(session: Session) -> Sequence[StripePayout]:
    """Return payouts that came back."""
    query = select(StripePayout).where(StripePayout.status == "failed")
    return session.scalars(query.order_by(StripePayout.seen_at.desc())).all()
