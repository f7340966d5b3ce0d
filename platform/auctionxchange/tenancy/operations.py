"""Acts on houses by operators, each audited in the same transaction with who, why and how."""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionxchange.kernel.errors import Conflict, Invalid, NotFound
from auctionxchange.kernel.outbox import announce
from auctionxchange.kernel.translation import gettext as _

HOUSE_TRANSITIONS = {
    "provisioning": {"active"},
    "active": {"suspended", "closing"},
    "suspended": {"active", "closing"},
    "closing": {"active", "suspended", "deleted"},
    "deleted": set(),
}


class HouseUnknown(NotFound):
    """No house has this short name."""

    code = "house_unknown"

    def message(self) -> str:
        return _("There is no house “%(slug)s”.", **self.fields)


class HouseStateConflict(Conflict):
    """A house cannot go from its state to the one asked for."""

    code = "house_state"

    def message(self) -> str:
        return _("“%(slug)s” is %(status)s; it cannot become %(target)s.", **self.fields)


class ReasonMissing(Invalid):
    """An act that must be explained was not."""

    code = "reason_missing"

    def message(self) -> str:
        return _("Say why: the reason is kept in the audit.")


def suspend_house(session: Session, slug: str, *, reason: str, actor: str) -> None:
    """Take a house off the air; its pages answer 503 and its jobs wait."""
    if not reason.strip():
        raise ReasonMissing
    _change_status(session, slug, "suspended", reason=reason.strip(), actor=actor)


def resume_house(session: Session, slug: str, *, actor: str, reason: str | None = None) -> None:
    """Put a suspended house back on the air."""
    _change_status(session, slug, "active", reason=reason, actor=actor)


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one audit row in the caller's transaction."""
    session.execute(
        text(
            "INSERT INTO exchange.audit (actor, action, subject, reason, before, after) VALUES"
            " (:actor, :action, :subject, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb))"
        ),
        {
            "actor": actor,
            "action": action,
            "subject": subject,
            "reason": reason,
            "before": None if before is None else json.dumps(before),
            "after": None if after is None else json.dumps(after),
        },
    )


def _change_status(
    session: Session, slug: str, target: str, *, reason: str | None, actor: str
) -> None:
    found = session.execute(
        text("SELECT schema, status FROM exchange.house WHERE slug = :slug FOR UPDATE"),
        {"slug": slug},
    ).first()
    if found is None:
        raise HouseUnknown(slug=slug)
    status = found.status
    if target not in HOUSE_TRANSITIONS[status]:
        raise HouseStateConflict(slug=slug, status=status, target=target)
    session.execute(
        text(
            "UPDATE exchange.house SET status = :target, version = version + 1,"
            " suspended_reason = :reason WHERE slug = :slug"
        ),
        {"target": target, "slug": slug, "reason": reason if target == "suspended" else None},
    )
    announce(session, "houses", {"type": target, "house": found.schema})
    record(
        session,
        actor=actor,
        action=f"house.{'resume' if target == 'active' else 'suspend'}",
        subject=slug,
        reason=reason,
        before={"status": status},
        after={"status": target},
    )
