"""Requests and rules as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
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


class RequestRows(NamedTuple):
    """What waits for the reader, what waits for others, and what is over, newest first."""

    mine: list[RequestRow]
    others: list[RequestRow]
    over: list[RequestRow]


def rows(session: Session, reader: int) -> RequestRows:
    """Return the latest requests as one member sees them."""
    asker, decider = aliased(Member), aliased(Member)
    query = (
        select(ApprovalRequest, asker.name, decider.name)
        .join(asker, asker.id == ApprovalRequest.asked_by)
        .outerjoin(decider, decider.id == ApprovalRequest.decided_by)
        .order_by(ApprovalRequest.id.desc())
        .limit(MOST)
    )
    now = database_now(session)
    mine = {request.id for request in waiting_for(session, reader)}
    found = RequestRows([], [], [])
    for request, asked_by, decided_by in session.execute(query):
        title = act_named(request.kind).described(session, request.payload, request.facts).title
        state = _state(request, now)
        row = RequestRow(request, title, asked_by, decided_by, state)
        if state != "waiting":
            found.over.append(row)
        elif request.id in mine:
            found.mine.append(row)
        else:
            found.others.append(row)
    return found


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
