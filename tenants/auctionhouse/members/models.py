"""Members sign in; clients bid. Every member has a client record, not every client an account."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from auctionhouse.columns import CreatedAt, Identifier, Moment, Words
from auctionxchange.accounts.columns import AccountColumns, RoleColumns, SessionColumns
from auctionxchange.kernel.database import HouseBase

STAFF_ROLES = ("owner", "clerk")

member_roles = Table(
    "member_role",
    HouseBase.metadata,
    Column("member_id", ForeignKey("member.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(RoleColumns, HouseBase):
    """What a member may do: owner, clerk or bidder."""

    __tablename__ = "role"


class Member(AccountColumns, HouseBase):
    """A person with an account at this house."""

    __tablename__ = "member"
    __table_args__ = (Index("member_email", text("lower(email)"), unique=True),)

    locale: Mapped[str | None] = mapped_column(Text)
    blocked_at: Mapped[Moment | None]
    blocked_reason: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary=member_roles, lazy="selectin"
    )
    client: Mapped["Client | None"] = relationship(viewonly=True, lazy="raise")


class MemberSession(SessionColumns, HouseBase):
    """A member's signed-in browser."""

    __tablename__ = "member_session"

    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("member.id", ondelete="CASCADE"), index=True
    )


class Client(HouseBase):
    """Somebody who buys or sells here, with or without an account."""

    __tablename__ = "client"
    __table_args__ = (
        Index("client_for_house", "for_house", unique=True, postgresql_where=text("for_house")),
    )

    id: Mapped[Identifier]
    member_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("member.id", ondelete="SET NULL"), unique=True
    )
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[Words]
    for_house: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), default=False)
    created_at: Mapped[CreatedAt]


class AuditEntry(HouseBase):
    """What was done at this house, by whom."""

    __tablename__ = "audit_entry"
    __table_args__ = {"comment": "append-only"}

    id: Mapped[Identifier]
    at: Mapped[CreatedAt]
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
