"""Who is told about requests: by mail, and by the figure beside “Approvals” on open pages."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.approvals import rules
from auctionhouse.approvals.acts import act_named
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.people import person, staff
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.outbox import announce, enqueue

ASKED_MAIL = "approvals.asked_mail"
DECIDED_MAIL = "approvals.decided_mail"


def tell_asked(session: Session, request: ApprovalRequest) -> None:
    """Tell everybody who may decide."""
    enqueue(session, ASKED_MAIL, request=request.id)
    _show_figures(session)


def tell_decided(session: Session, request: ApprovalRequest) -> None:
    """Tell who asked how it ended, unless they ended it themselves."""
    if request.alone:
        return
    if request.state != "withdrawn":
        enqueue(session, DECIDED_MAIL, request=request.id)
    _show_figures(session)


def _show_figures(session: Session) -> None:
    """Send each member of staff how many requests wait for them."""
    waiting = waiting_requests(session)
    people = staff(session)
    by_id = {one.id: one for one in people}
    for one in people:
        count = sum(_for(request, one, by_id) for request in waiting)
        announce(session, f"member:{one.id}", {"type": "approvals", "waiting": count})


def waiting_requests(session: Session) -> Sequence[ApprovalRequest]:
    """Return the requests that wait for somebody, oldest first."""
    query = select(ApprovalRequest).where(
        ApprovalRequest.state == "waiting", ApprovalRequest.expires_at > database_now(session)
    )
    return session.scalars(query.order_by(ApprovalRequest.id)).all()


def waiting_about(session: Session, subject: str) -> ApprovalRequest | None:
    """Return the oldest request that waits about a thing, such as payment:7."""
    waiting = [request for request in waiting_requests(session) if request.subject == subject]
    return waiting[0] if waiting else None


def waiting_for(session: Session, member_id: int) -> list[ApprovalRequest]:
    """Return the requests a member may decide."""
    waiting = waiting_requests(session)
    if not waiting:
        return []
    one = person(session, member_id)
    by_id = {request.asked_by: person(session, request.asked_by) for request in waiting}
    return [request for request in waiting if _for(request, one, by_id)]


def deciders_of(session: Session, request: ApprovalRequest) -> list[int]:
    """Return the members who may decide a request."""
    asker, approvers = person(session, request.asked_by), act_named(request.kind).approvers
    return [one.id for one in staff(session) if rules.why_not(asker, one, approvers) is None]


def _for(request: ApprovalRequest, one: rules.Person, by_id: dict[int, rules.Person]) -> bool:
    asker = by_id.get(request.asked_by, rules.Person(request.asked_by, frozenset()))
    return rules.why_not(asker, one, act_named(request.kind).approvers) is None
