"""Switching the rule off for a kind of act, which needs an owner and a second person itself."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.approvals.acts import ACTS, Act, Described, Facts, Payload, Signed, register
from auctionhouse.approvals.models import ApprovalRule
from auctionhouse.approvals.refusals import NotSwitchable
from auctionhouse.approvals.rules import OWNER
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

NAME = "two_person_rule"


class SwitchOff(Act):
    """Let acts of a kind be done by one person from now on."""

    name = NAME
    label = _l("Two-person rule")
    askers = (OWNER,)
    switchable = False

    def subject(self, payload: Payload) -> str:
        return f"rule:{payload['kind']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        return {"needs_two": _stored(session, payload["kind"])}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        del session, facts
        label = ACTS[payload["kind"]].label
        title = _("Switch the two-person rule off for: %(kind)s", kind=label)
        row = (_("From then on"), _("One person alone can do this; it is still in the audit."))
        return Described(title, [row], "/manage/approvals/rules")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        if not ACTS[payload["kind"]].switchable:
            raise NotSwitchable
        _store(session, payload["kind"], needs_two=False, actor=signed.asked_by)


register(SwitchOff())


def switch_on(session: Session, kind: str, *, actor: int) -> None:
    """Have a kind need two people again; more safety needs no second person."""
    if not _stored(session, kind):
        _store(session, kind, needs_two=True, actor=actor)


def needs_two(session: Session, kind: str) -> bool:
    """Tell whether a kind of act needs two people at this house."""
    return not ACTS[kind].switchable or _stored(session, kind)


def _stored(session: Session, kind: str) -> bool:
    found = session.scalar(select(ApprovalRule.needs_two).where(ApprovalRule.kind == kind))
    return found is None or found


def _store(session: Session, kind: str, *, needs_two: bool, actor: int) -> None:
    values = {
        "kind": kind,
        "needs_two": needs_two,
        "changed_by": actor,
        "changed_at": database_now(session),
    }
    statement = insert(ApprovalRule).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["kind"], set_=values))
    word = "on" if needs_two else "off"
    audit.record(session, f"approval.rule_{word}", f"rule:{kind}", actor=actor)
