"""Requests and rules as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from auctionhouse.approvals import rules
from auctionhouse.approvals.acts import ACTS, Described, act_named
from auctionhouse.approvals.models import ApprovalRequest, ApprovalRule
from auctionhouse.approvals.people import person
from auctionhouse.approvals.refusals import MayNotDecide, RequestUnknown
from auctionhouse.approvals.switching import NAME as SWITCH
from auctionhouse.approvals.telling import deciders_of, waiting_for
from auctionhouse.members.models import Member
from auctionxchange.kernel.clock import database_now

MOST = 200


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list, described in the reader's language."""

    request: ApprovalRequest
    title: str
    asker: str
    decider: str | None
    state: str


class WaitingRows(NamedTuple):
    """What waits for the reader and what waits for others, newest first."""

    mine: list[RequestRow]
    others: list[RequestRow]


ASKER, DECIDER = aliased(Member), aliased(Member)
_OVER = or_(ApprovalRequest.state != "waiting", ApprovalRequest.expires_at <= func.now())


def _requests() -> Select[Any]:
    query = (
        select(ApprovalRequest, ASKER.name.label("asker"), DECIDER.name.label("decider"))
        .join(ASKER, ASKER.id == ApprovalRequest.asked_by)
        .outerjoin(DECIDER, DECIDER.id == ApprovalRequest.decided_by)
        .order_by(ApprovalRequest.id.desc())
    )
    return cast("Select[Any]", query)


def select_over() -> Select[Any]:
    """Select the requests that were decided, withdrawn or forgotten, newest first."""
    return _requests().where(_OVER)


def as_row(session: Session, found: Any) -> RequestRow:
    """Describe a selected request in the reader's language."""
    request = found.ApprovalRequest
    title = act_named(request.kind).described(session, request.payload, request.facts).title
    state = _state(request, database_now(session))
    return RequestRow(request, title, found.asker, found.decider, state)


def waiting_rows(session: Session, reader: int) -> WaitingRows:
    """Return what waits as one member sees it."""
    mine = {request.id for request in waiting_for(session, reader)}
    rows = WaitingRows([], [])
    for found in session.execute(_requests().where(~_OVER).limit(MOST)):
        kept = rows.mine if found.ApprovalRequest.id in mine else rows.others
        kept.append(as_row(session, found))
    return rows


def _state(request: ApprovalRequest, now: Any) -> str:
    over = request.state == "waiting" and request.expires_at <= now
    return "expired" if over else request.state


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request with all its page shows; hindrance says why the reader may not decide it."""

    request: ApprovalRequest
    described: Described
    label: Any
    state: str
    asker: str
    decider: str | None
    own: bool
    hindrance: str | None
    nobody: bool


def page_of(session: Session, request_id: int, reader: int) -> RequestPage:
    """Return a request as one member sees it; raises RequestUnknown."""
    request = session.get(ApprovalRequest, request_id)
    if request is None:
        raise RequestUnknown
    act = act_named(request.kind)
    why = rules.why_not(person(session, request.asked_by), person(session, reader), act.approvers)
    decider = session.get(Member, request.decided_by) if request.decided_by else None
    return RequestPage(
        request=request,
        described=act.described(session, request.payload, request.facts),
        label=act.label,
        state=_state(request, database_now(session)),
        asker=session.get_one(Member, request.asked_by).name,
        decider=None if decider is None else decider.name,
        own=request.asked_by == reader,
        hindrance=None if why is None else MayNotDecide(why=why).message(),
        nobody=not deciders_of(session, request),
    )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A kind of act and whether it needs two people here."""

    kind: str
    label: Any
    needs_two: bool
    waits: bool


def switchable() -> list[str]:
    """Return the kinds a house may switch, in the order they were made known."""
    return [act.name for act in ACTS.values() if act.switchable and act.rule == act.name]


def rules_of(session: Session) -> Sequence[RuleRow]:
    """Return the kinds a house may switch and how they stand."""
    off = set(session.scalars(select(ApprovalRule.kind).where(~ApprovalRule.needs_two)))
    query = select(ApprovalRequest.subject).where(
        ApprovalRequest.kind == SWITCH, ApprovalRequest.state == "waiting"
    )
    asked = set(session.scalars(query))
    return [
        RuleRow(kind, ACTS[kind].label, kind not in off, f"rule:{kind}" in asked)
        for kind in switchable()
    ]
