"""Acts on houses' subscriptions, each audited; the house's own copy follows by a job."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionxchange.billing import rules
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.refusals import PlanUnknown, SubscribedElsewhere
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.tenancy.models import HouseRecord
from auctionxchange.tenancy.operations import record, resume_house, suspend_house

SPREAD = "billing.spread"
ROUND = "billing.round"
MAIL = "billing.mail"
ACTOR = "billing"
UNPAID = "The subscription has not been paid."
"""The reason a house is suspended for by itself; with it, a payment resumes the house."""

Thing = dict[str, Any]


def put_on_plan(
    session: Session, schema: str, code: str, *, trial_days: int, reason: str, actor: str
) -> Subscription:
    """Put a house on a plan, with a trial where it pays nothing yet; audited.

    Raises PlanUnknown, and SubscribedElsewhere where Stripe bills another plan already.
    """
    plan = session.get(Plan, code)
    if plan is None or not plan.offered:
        raise PlanUnknown
    row = session.get(Subscription, schema, with_for_update=True)
    before = None if row is None else {"plan": row.plan, "state": row.state}
    if row is not None and row.stripe_subscription and row.plan != code:
        raise SubscribedElsewhere
    if row is None:
        row = Subscription(house_schema=schema, plan=code, state="trialing")
        row.trial_ends_at = database_now(session) + timedelta(days=trial_days)
        session.add(row)
    row.plan = code
    row.changed_at = database_now(session)
    session.flush()
    record(
        session, actor=actor, action="subscription.plan", subject=_slug(session, schema),
        reason=reason, before=before, after={"plan": code, "state": row.state},
    )  # fmt: skip
    enqueue(session, SPREAD, schema=schema)
    return row


def take_in(session: Session, row: Subscription, thing: Thing) -> None:
    """Write down what a subscription at Stripe now is; a payment brings the house back."""
    if row.stripe_subscription not in {None, thing["id"]} and thing["status"] == "canceled":
        return
    row.stripe_subscription = thing["id"]
    items = (thing.get("items") or {}).get("data") or []
    ends = [item["current_period_end"] for item in items]
    row.paid_until = datetime.fromtimestamp(min(ends), UTC) if ends else None
    if thing.get("trial_end"):
        row.trial_ends_at = datetime.fromtimestamp(thing["trial_end"], UTC)
    advance(session, row, rules.OF_STRIPE[thing["status"]])


def advance(session: Session, row: Subscription, state: str) -> None:
    """Move a subscription on, audited; what stays the same changes nothing."""
    if row.state == state or state not in rules.STATES[row.state]:
        enqueue(session, SPREAD, schema=row.house_schema)
        return
    before, now = row.state, database_now(session)
    row.state, row.changed_at = state, now
    if state in {"active", "trialing"}:
        row.failed_at, row.warned = None, 0
    elif row.failed_at is None:
        row.failed_at, row.warned = now, 0
    session.flush()
    slug = _slug(session, row.house_schema)
    record(
        session, actor=ACTOR, action=f"subscription.{state}", subject=slug,
        before={"state": before}, after={"state": state},
    )  # fmt: skip
    if state == "active" and before == "suspended":
        _resume(session, row.house_schema, slug)
    enqueue(session, SPREAD, schema=row.house_schema)
    enqueue(session, ROUND)


def _resume(session: Session, schema: str, slug: str) -> None:
    """Put a house back that was suspended for this and for nothing else since."""
    house = session.get_one(HouseRecord, schema, populate_existing=True)
    if house.status == "suspended" and house.suspended_reason == UNPAID:
        resume_house(session, slug, actor=ACTOR, reason="The subscription is paid.")
        enqueue(session, MAIL, schema=schema, name="resumed")


def go_round(session: Session) -> int:
    """Warn, end trials and suspend, each as its time comes; returns how many houses it met."""
    now = database_now(session)
    query = select(Subscription).where(Subscription.state.in_(("trialing", *rules.OWING)))
    rows = session.scalars(query.order_by(Subscription.house_schema).with_for_update()).all()
    return sum(_one(session, row, now) for row in rows)


def _one(session: Session, row: Subscription, now: datetime) -> bool:
    if row.state == "trialing":
        return _trial(session, row, now)
    step = rules.next_step(row.state, row.failed_at, row.warned, now)
    if step.suspend:
        _suspend(session, row)
    elif step.warning is not None:
        row.warned = step.warning
        enqueue(session, MAIL, schema=row.house_schema, name="warning")
        enqueue(session, SPREAD, schema=row.house_schema)
    return step != rules.Step()


def _trial(session: Session, row: Subscription, now: datetime) -> bool:
    """Tell of a trial that ends soon; one that has ended and that nobody pays for is owed."""
    ends = row.trial_ends_at
    if ends is None or row.stripe_subscription is not None:
        return False
    if ends <= now:
        advance(session, row, "past_due")
        return True
    if not rules.trial_is_ending(ends, row.warned, now):
        return False
    row.warned = 1
    enqueue(session, MAIL, schema=row.house_schema, name="trial_ends")
    return True


def _suspend(session: Session, row: Subscription) -> None:
    house = session.get_one(HouseRecord, row.house_schema)
    if house.status == "active":
        suspend_house(session, house.slug, reason=UNPAID, actor=ACTOR)
    advance(session, row, "suspended")
    enqueue(session, MAIL, schema=row.house_schema, name="suspended")


def _slug(session: Session, schema: str) -> str:
    return session.get_one(HouseRecord, schema).slug
