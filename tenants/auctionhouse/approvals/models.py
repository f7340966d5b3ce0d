"""Requests for acts that need two people, and the kinds a house has switched off.

The database keeps the rule too: what was asked never changes, a decision is final, and nobody
decides their own request.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Moment, Words
from auctionxchange.kernel.database import HouseBase


class ApprovalRequest(HouseBase):
    """One act that was asked for; alone means the house needed no second person for it."""

    __tablename__ = "approval_request"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting','done','declined','withdrawn','stale','expired')",
            name="approval_request_state",
        ),
        CheckConstraint("decided_by IS DISTINCT FROM asked_by", name="approval_request_two_people"),
        CheckConstraint(
            "alone OR state NOT IN ('done','declined') OR decided_by IS NOT NULL",
            name="approval_request_decided",
        ),
        CheckConstraint("reason <> '' AND digest ~ '^[0-9a-f]{64}$'", name="approval_request_said"),
        Index(
            "approval_request_waiting",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text, unique=True)
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("member.id"))
    asked_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"), default="waiting")
    alone: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), default=False)
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    decided_at: Mapped[Moment | None]
    note: Mapped[Words]


class ApprovalRule(HouseBase):
    """Whether a kind of act needs two people at this house; a kind without a row does."""

    __tablename__ = "approval_rule"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    needs_two: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    changed_at: Mapped[CreatedAt]
