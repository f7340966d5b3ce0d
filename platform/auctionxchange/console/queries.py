"""What the console reads besides its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionxchange.accounts.models import Operator, OperatorSession
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.payments.kept_aside import kept_aside
from auctionxchange.payments.models import StripeComparison
from auctionxchange.site.health import FRESH, PARTS
from auctionxchange.tenancy.models import (
    AuditRecord,
    Domain,
    Heartbeat,
    HouseMigration,
    HouseRecord,
)

RECENT = 10
COMPARED_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Service:
    """A process and when it last said that it serves; never, where `at` is None."""

    name: str
    at: datetime | None
    alive: bool


def services_seen(session: Session) -> list[Service]:
    """Return the processes that should serve and any others that say they do, by name."""
    now = database_now(session)
    seen = {beat.name: beat.at for beat in session.scalars(select(Heartbeat))}
    return [_service(name, seen.get(name), now) for name in sorted({*PARTS, *seen})]


def _service(name: str, at: datetime | None, now: datetime) -> Service:
    return Service(name, at, alive=at is not None and now - at < FRESH)


def houses_by_state(session: Session) -> dict[str, int]:
    """Return how many houses are in each state."""
    counted = select(HouseRecord.status, func.count()).group_by(HouseRecord.status)
    return dict(session.execute(counted).all())


@dataclass(frozen=True, slots=True)
class MoneyAttention:
    """What of the houses' money waits for an operator."""

    aside: int
    differing: int
    unable: int
    overdue: int


def money_attention(session: Session) -> MoneyAttention:
    """Count events kept aside, accounts whose books differ, and those not compared lately."""
    differing = select(func.count()).where(StripeComparison.differences > 0)
    lately = database_now(session) - COMPARED_WITHIN
    unable = select(func.count()).where(
        StripeComparison.problem.is_not(None) | (StripeComparison.at < lately)
    )
    overdue = select(func.count()).where(Subscription.state.in_(("past_due", "suspended")))
    return MoneyAttention(
        kept_aside(session),
        *(session.scalar(query) or 0 for query in (differing, unable, overdue)),
    )


def plans_offered(session: Session) -> Sequence[Plan]:
    """Return the plans houses can be put on, the cheapest first."""
    return session.scalars(select(Plan).where(Plan.offered).order_by(Plan.price)).all()


def subscription_of(session: Session, schema: str) -> tuple[Subscription, Plan] | None:
    """Return what a house has subscribed to."""
    row = session.get(Subscription, schema)
    return None if row is None else (row, session.get_one(Plan, row.plan))


def recent_audit(session: Session, *subjects: str) -> Sequence[AuditRecord]:
    """Return the latest audit rows, of one thing by all its names or of all, newest first."""
    query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(RECENT)
    if subjects:
        query = query.where(AuditRecord.subject.in_(subjects))
    return session.scalars(query).all()


def house_record(session: Session, schema: str) -> HouseRecord:
    """Return a house; raises NotFound."""
    record = session.get(HouseRecord, schema)
    if record is None:
        raise NotFound
    return record


def migration_of(session: Session, schema: str) -> HouseMigration | None:
    """Return where a house's schema stands."""
    return session.get(HouseMigration, schema)


def domains_of(session: Session, schema: str) -> Sequence[Domain]:
    """Return a house's own host names."""
    query = select(Domain).where(Domain.house_schema == schema).order_by(Domain.host)
    return session.scalars(query).all()


def operator_of(session: Session, identity: int) -> Operator:
    """Return an operator; raises NotFound."""
    operator = session.get(Operator, identity)
    if operator is None:
        raise NotFound
    return operator


def sessions_of(session: Session, operator_id: int) -> Sequence[OperatorSession]:
    """Return an operator's signed-in browsers, last seen first, the signed-out ones after them."""
    query = (
        select(OperatorSession)
        .where(OperatorSession.operator_id == operator_id)
        .order_by(OperatorSession.revoked_at.is_not(None), OperatorSession.last_seen_at.desc())
        .limit(100)
    )
    return session.scalars(query).all()


def session_of(session: Session, operator_id: int, identity: UUID) -> OperatorSession:
    """Return one signed-in browser of an operator; raises NotFound."""
    found = session.get(OperatorSession, identity)
    if found is None or found.operator_id != operator_id:
        raise NotFound
    return found
