"""Stripe's books against ours, line by line: what differs is listed, and nothing should be."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import Payment, PaymentAttempt, PaymentDispute, PaymentRefund

OF_US = {"charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the two books do not say alike; minor units, None where a book lacks it."""

    what: str
    at_stripe: int | None
    with_us: int | None


def reconcile(desk: Desk, account: str) -> list[Difference]:
    """Compare an account's balance with our payments, refunds and disputes; [] where equal."""
    theirs = _at_stripe(desk, account)
    ours = dict(_with_us(desk, account))
    return [
        Difference(name, theirs.get(name), ours.get(name))
        for name in sorted(theirs.keys() | ours.keys())
        if theirs.get(name, 0) != ours.get(name, 0)
    ]


def _at_stripe(desk: Desk, account: str) -> dict[str, int]:
    """Return the sums of an account's balance by payment, refund and dispute."""
    intents: dict[str, str] = {}
    sums: dict[str, int] = defaultdict(int)
    for line in desk.gateway.balance_of(account):
        source = line.get("source") or ""
        kind = OF_US.get(line["type"])
        if kind == "charge":
            if source not in intents:
                charge = desk.gateway.find(account, "charge", source)
                intents[source] = charge["payment_intent"]
            sums[f"paid {intents[source]}"] += line["amount"]
        elif kind == "refund":
            sums[f"refunded {source}"] -= line["amount"]
        elif line.get("reporting_category") == "dispute":
            sums[f"disputed {source}"] -= line["amount"]
    return dict(sums)


def _with_us(desk: Desk, account: str) -> Iterator[tuple[str, int]]:
    """Yield what our tables say of an account."""
    attempts = select(PaymentAttempt).where(PaymentAttempt.account == account)
    with desk.writing() as session:
        ids = []
        for attempt in session.scalars(attempts):
            ids.append(attempt.id)
            if attempt.received:
                yield f"paid {attempt.intent}", attempt.received
        refunds = select(PaymentRefund).where(
            PaymentRefund.attempt_id.in_(ids), PaymentRefund.state != "failed"
        )
        for refund in session.scalars(refunds):
            yield f"refunded {refund.refund or refund.key}", refund.amount
        disputes = (
            select(PaymentDispute)
            .join(Payment, Payment.id == PaymentDispute.payment_id)
            .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
            .where(PaymentAttempt.account == account, PaymentAttempt.state == "paid")
        )
        for dispute in session.scalars(disputes):
            back = dispute.status == "won"
            yield f"disputed {dispute.dispute}", 0 if back else dispute.amount
