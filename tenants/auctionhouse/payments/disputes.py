"""What cardholders object to: how much of it is gone, and what is to be answered by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.members.models import Client
from auctionhouse.payments import rules
from auctionhouse.payments.models import Payment, PaymentDispute


@dataclass(frozen=True, slots=True)
class DisputedMoney:
    """What Stripe took back for a payment, minor units: not decided yet, and lost."""

    opened: int
    lost: int


def disputed_money(session: Session, payment_id: int) -> DisputedMoney:
    """Add up a payment's disputes; a bank's mere question takes no money."""
    query = select(PaymentDispute).where(PaymentDispute.payment_id == payment_id)
    found = [row for row in session.scalars(query) if not row.status.startswith("warning_")]
    return DisputedMoney(
        sum(row.amount for row in found if row.status not in rules.OVER),
        sum(row.amount for row in found if row.status == "lost"),
    )


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in the house's list."""

    payment_id: int
    description: str
    client: str
    amount: int
    currency: str
    reason: str
    status: str
    evidence_due: datetime | None


def open_disputes(session: Session) -> Sequence[DisputeRow]:
    """Return the disputes nobody has decided yet, the one to be answered first first."""
    query = (
        select(PaymentDispute, Payment, Client.name)
        .join(Payment, Payment.id == PaymentDispute.payment_id)
        .join(Client, Client.id == Payment.client_id)
        .where(PaymentDispute.status.not_in(rules.OVER))
        .order_by(PaymentDispute.evidence_due.nulls_last(), PaymentDispute.id)
    )
    return [
        DisputeRow(
            payment.id, payment.description, client, dispute.amount, payment.currency,
            dispute.reason, dispute.status, dispute.evidence_due,
        )
        for dispute, payment, client in session.execute(query)
    ]  # fmt: skip
