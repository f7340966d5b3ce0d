"""Acts on accounts: making one, its password, blocking and unblocking."""

import secrets
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from auctionhouse.members.models import (
    STAFF_ROLES,
    AuditEntry,
    Client,
    Member,
    MemberSession,
    Role,
)
from auctionhouse.plan import limits
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from auctionxchange.kernel.outbox import announce
from auctionxchange.kernel.translation import gettext as _


class MemberUnknown(NotFound):
    """No member has this address or id."""

    code = "member_unknown"

    def message(self) -> str:
        return _("There is no such member.")


class AddressTaken(Conflict):
    """Another member has this address."""

    code = "address_taken"

    def message(self) -> str:
        return _("Another member has this address.")


class BlockReasonMissing(Invalid):
    """A block must be explained."""

    code = "reason_missing"

    def message(self) -> str:
        return _("Say why: the reason is kept with the member.")


class LastOwner(Conflict):
    """A house without an owner could never be run again."""

    code = "last_owner"

    def message(self) -> str:
        return _("The house needs an owner who can sign in. Make somebody else one first.")


class ForOwners(Forbidden):
    """Staff are appointed, dismissed and blocked by owners alone."""

    code = "for_owners"

    def message(self) -> str:
        return _("Only an owner of the house does this.")


def create_member(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    roles: tuple[str, ...] = ("bidder",),
    locale: str | None = None,
) -> Member:
    """Make a confirmed member with a client record.

    Raises AddressTaken, CardNumberTyped, and PlanLimit for staff above the plan.
    """
    refuse_card_numbers(name)
    if not set(roles).isdisjoint(STAFF_ROLES):
        limits.check(session, "staff")
    address = email.strip().lower()
    taken = session.execute(
        text("SELECT 1 FROM member WHERE lower(email) = :email"), {"email": address}
    ).scalar()
    if taken:
        raise AddressTaken
    member = Member(
        email=address,
        name=name,
        password=password_hash,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=datetime.now(UTC),
        locale=locale,
        roles=list(session.execute(select(Role).where(Role.name.in_(roles))).scalars()),
    )
    session.add(member)
    session.flush()
    session.add(Client(member_id=member.id, name=name, email=address))
    session.flush()
    return member


def set_password(session: Session, email: str, password_hash: str) -> None:
    """Set a member's password and sign them out everywhere; raises MemberUnknown."""
    member = member_by_email(session, email)
    member.password = password_hash
    _sign_out_everywhere(session, member)
    _audit(session, None, "member.set_password", member)


def block_member(session: Session, member_id: int, *, reason: str, actor: int | None) -> None:
    """Keep a member out at once: pages, remembered browsers and live streams."""
    if not reason.strip():
        raise BlockReasonMissing
    member = _by_id(session, member_id)
    _demand_owner_over(session, member, actor)
    if _is(member, "owner"):
        _keep_an_owner(session, member)
    member.active = False
    member.blocked_at = datetime.now(UTC)
    member.blocked_reason = reason.strip()
    _sign_out_everywhere(session, member)
    _audit(session, actor, "member.block", member, reason=reason)


def unblock_member(session: Session, member_id: int, *, actor: int | None) -> None:
    """Let a blocked member in again; they sign in anew."""
    member = _by_id(session, member_id)
    _demand_owner_over(session, member, actor)
    member.active = True
    member.blocked_at = None
    member.blocked_reason = None
    _audit(session, actor, "member.unblock", member)


def set_roles(
    session: Session, member_id: int, names: Collection[str], *, actor: int | None
) -> None:
    """Give a member these roles and no others; raises ForOwners, LastOwner and PlanLimit."""
    member = _by_id(session, member_id)
    if actor is not None and not _is(_by_id(session, actor), "owner"):
        raise ForOwners
    if _is(member, "owner") and "owner" not in names:
        _keep_an_owner(session, member)
    if not _is(member, *STAFF_ROLES) and not set(names).isdisjoint(STAFF_ROLES):
        limits.check(session, "staff")
    before = sorted(role.name for role in member.roles)
    chosen = select(Role).where(Role.name.in_(names)).order_by(Role.name)
    member.roles = list(session.execute(chosen).scalars())
    after = [role.name for role in member.roles]
    if after != before:
        _audit(session, actor, "member.roles", member, before=before, after=after)


def _is(member: Member, *names: str) -> bool:
    return any(role.name in names for role in member.roles)


def _demand_owner_over(session: Session, member: Member, actor: int | None) -> None:
    """Let owners alone act on staff: a clerk must not lock an owner out."""
    if actor is None or not _is(member, *STAFF_ROLES):
        return
    if not _is(_by_id(session, actor), "owner"):
        raise ForOwners


def _keep_an_owner(session: Session, leaving: Member) -> None:
    """Raise LastOwner unless another owner stays; two that leave at once wait for each other."""
    session.execute(select(Role).where(Role.name == "owner").with_for_update())
    owners = select(Member.id).where(Member.roles.any(Role.name == "owner"), Member.active)
    if not set(session.execute(owners).scalars()) - {leaving.id}:
        raise LastOwner


def end_browsers(
    session: Session, member_id: int, *, only: uuid.UUID | None = None, but: uuid.UUID | None = None
) -> None:
    """Sign out one of a member's browsers, all, or all but one; live streams begin anew."""
    query = update(MemberSession).where(
        MemberSession.member_id == member_id, MemberSession.revoked_at.is_(None)
    )
    if only is not None:
        query = query.where(MemberSession.id == only)
    if but is not None:
        query = query.where(MemberSession.id != but)
    session.execute(query.values(revoked_at=datetime.now(UTC)))
    announce(session, f"member:{member_id}", {"type": "signed_out"})


def _sign_out_everywhere(session: Session, member: Member) -> None:
    member.fs_uniquifier = secrets.token_hex(32)
    end_browsers(session, member.id)


def member_by_email(session: Session, email: str) -> Member:
    """Find a member by address, however it is written; raises MemberUnknown."""
    query = select(Member).where(text("lower(member.email) = :email"))
    member = session.execute(query, {"email": email.strip().lower()}).scalars().first()
    if member is None:
        raise MemberUnknown
    return member


def _by_id(session: Session, member_id: int) -> Member:
    member = session.get(Member, member_id)
    if member is None:
        raise MemberUnknown
    return member


def _audit(session: Session, actor: int | None, action: str, member: Member, **detail: Any) -> None:
    subject = f"member:{member.id}"
    session.add(AuditEntry(actor_member_id=actor, action=action, subject=subject, detail=detail))
