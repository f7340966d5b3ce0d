"""Asking for an act and deciding about it; what is approved is done in the same transaction."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.approvals import rules
from auctionhouse.approvals.acts import ACTS, Act, Payload, Signed, act_named
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.people import person
from auctionhouse.approvals.refusals import (
    AlreadyWaiting,
    AskedTwice,
    ContentsChanged,
    Expired,
    MayNotDecide,
    NotWaiting,
    OnlyTheAsker,
    ReasonNeeded,
    RequestUnknown,
)
from auctionhouse.approvals.switching import needs_two
from auctionhouse.approvals.telling import tell_asked, tell_decided
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import DomainError, Forbidden, NotFound, Unavailable
from auctionxchange.kernel.translation import gettext as _

LONGEST_REASON = 500


def ask(
    session: Session,
    kind: str,
    payload: Payload,
    *,
    reason: str,
    actor: int,
    token: str | None = None,
) -> ApprovalRequest:
    """Ask for an act: it waits for a second person, or is done where the house needs none.

    Whatever would refuse the act now refuses it here: it is tried and undone. The same token, or
    the same contents while they wait, are one request. Raises ReasonNeeded, Forbidden,
    AlreadyWaiting, AskedTwice and what the act raises.
    """
    act, said = ACTS[kind], _said(reason)
    if not rules.may_ask(person(session, actor), act.askers):
        raise Forbidden
    alone = not needs_two(session, act.rule)
    facts = dict(act.facts(session, payload))
    values = {
        "kind": kind,
        "subject": act.subject(payload),
        "payload": dict(payload),
        "facts": facts,
        "digest": rules.fingerprint(kind, payload, facts, said),
        "reason": said,
        "token": token,
        "asked_by": actor,
        "expires_at": database_now(session) + rules.LASTS,
        "alone": alone,
    }
    request, new = _written(session, values)
    if not new:
        return request
    audit.record(
        session, "approval.ask", f"approval:{request.id}", actor=actor, kind=kind,
        about=request.subject, reason=said, digest=request.digest,
    )  # fmt: skip
    if alone:
        act.execute(session, payload, Signed(request.id, actor, None, said))
        _end(session, request, "done", None)
    else:
        _rehearse(session, act, request)
        tell_asked(session, request)
    return request


def _written(session: Session, values: dict[str, Any]) -> tuple[ApprovalRequest, bool]:
    """Write a request down, or return the one that says the same; tells whether it is new."""
    statement = insert(ApprovalRequest).values(values).on_conflict_do_nothing()
    made = session.scalar(statement.returning(ApprovalRequest.id))
    if made is not None:
        return session.get_one(ApprovalRequest, made), True
    token = values["token"]
    if token is not None:
        query = select(ApprovalRequest).where(ApprovalRequest.token == token)
        before = session.scalars(query).one_or_none()
        if before is not None:
            if (before.kind, before.payload) != (values["kind"], values["payload"]):
                raise AskedTwice
            return before, False
    query = select(ApprovalRequest).where(
        ApprovalRequest.kind == values["kind"],
        ApprovalRequest.subject == values["subject"],
        ApprovalRequest.state == "waiting",
    )
    waiting = session.scalars(query).one_or_none()
    if waiting is None or waiting.digest != values["digest"]:
        raise AlreadyWaiting
    return waiting, False


def _rehearse(session: Session, act: Act, request: ApprovalRequest) -> None:
    """Try an act and undo it, so that what cannot be done is refused to who asks for it."""
    tried = session.begin_nested()
    try:
        act.execute(
            session, request.payload, Signed(request.id, request.asked_by, None, request.reason)
        )
        session.flush()
    finally:
        tried.rollback()


def approve(session: Session, request_id: int, *, digest: str, actor: int) -> ApprovalRequest:
    """Approve a request and do exactly what it asks, once.

    The digest is that of the page the approver read. Where facts changed meanwhile, or the act is
    refused now, nothing is done and the request is stale. Raises NotWaiting, Expired,
    MayNotDecide and ContentsChanged.
    """
    request = _open_request(session, request_id)
    act = act_named(request.kind)
    _check_decider(session, request, act, actor)
    if digest != request.digest:
        raise ContentsChanged
    problem = _out_of_date(session, request, act) or _executed(session, request, act, actor)
    if problem is not None:
        return _end(session, request, "stale", actor, note=problem)
    return _end(session, request, "done", actor)


def _out_of_date(session: Session, request: ApprovalRequest, act: Act) -> str | None:
    """Say what no longer is as it was when the request was made."""
    if not rules.may_ask(person(session, request.asked_by), act.askers):
        return _("Who asked for this no longer may.")
    try:
        facts = act.facts(session, request.payload)
    except NotFound as gone:
        return gone.message()
    if rules.unchanged(request.facts, facts):
        return None
    return _("Something changed since this was asked for.")


def _executed(session: Session, request: ApprovalRequest, act: Act, actor: int) -> str | None:
    """Do the act, or undo all it did and say why it is refused."""
    signed = Signed(request.id, request.asked_by, actor, request.reason)
    try:
        with session.begin_nested():
            act.execute(session, request.payload, signed)
            session.flush()
    except Unavailable:
        raise
    except DomainError as refusal:
        return refusal.message()
    return None


def decline(session: Session, request_id: int, *, note: str, actor: int) -> ApprovalRequest:
    """Turn a request down and say why. Raises ReasonNeeded, NotWaiting, Expired, MayNotDecide."""
    said = _said(note)
    request = _open_request(session, request_id)
    _check_decider(session, request, act_named(request.kind), actor)
    return _end(session, request, "declined", actor, note=said)


def withdraw(session: Session, request_id: int, *, actor: int) -> ApprovalRequest:
    """Take one's own request back. Raises NotWaiting, Expired, OnlyTheAsker."""
    request = _open_request(session, request_id)
    if request.asked_by != actor:
        raise OnlyTheAsker
    return _end(session, request, "withdrawn", None)


def expire_due(session: Session) -> int:
    """Close the requests whose time is over; returns how many."""
    query = select(ApprovalRequest).where(
        ApprovalRequest.state == "waiting", ApprovalRequest.expires_at <= database_now(session)
    )
    over = session.scalars(query.order_by(ApprovalRequest.id).with_for_update()).all()
    for request in over:
        _end(session, request, "expired", None)
    return len(over)


def _open_request(session: Session, request_id: int) -> ApprovalRequest:
    """Return a waiting request, held to the end of the transaction."""
    query = select(ApprovalRequest).where(ApprovalRequest.id == request_id).with_for_update()
    request = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if request is None:
        raise RequestUnknown
    if request.state != "waiting":
        raise NotWaiting
    if request.expires_at <= database_now(session):
        raise Expired
    return request


def _check_decider(session: Session, request: ApprovalRequest, act: Act, actor: int) -> None:
    asker = person(session, request.asked_by)
    why = rules.why_not(asker, person(session, actor), act.approvers)
    if why is not None:
        raise MayNotDecide(why=why)


def _end(
    session: Session, request: ApprovalRequest, state: str, actor: int | None, *, note: str = ""
) -> ApprovalRequest:
    """Close a request for good, audit it and tell whom it concerns."""
    if state not in rules.ENDINGS[request.state]:
        raise NotWaiting
    now = database_now(session)
    request.state, request.note = state, note
    request.decided_by, request.decided_at = actor, now
    session.flush()
    by = None if state == "expired" else actor or request.asked_by
    audit.record(
        session, f"approval.{state}", f"approval:{request.id}", actor=by,
        kind=request.kind, about=request.subject, digest=request.digest, note=note,
    )  # fmt: skip
    tell_decided(session, request)
    return request


def _said(text: str) -> str:
    said = text.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise ReasonNeeded
    return said
