"""Statements, their lines, and which payments of invoices a line became."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase


class BankColumns(HouseBase):
    """Which column of its bank's CSV holds what, as staff of an entity last said."""

    __tablename__ = "bank_columns"

    entity_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("legal_entity.id"), primary_key=True, autoincrement=False
    )
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[CreatedAt]


class BankUpload(HouseBase):
    """A CSV that waits until somebody has said what its columns mean."""

    __tablename__ = "bank_upload"
    __table_args__ = (CheckConstraint("length(content) <= 5242880", name="bank_upload_content"),)

    id: Mapped[Identifier]
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]


class BankStatement(HouseBase):
    """A file that was read: how many lines it had, and how many of them were new."""

    __tablename__ = "bank_statement"
    __table_args__ = {"comment": "append-only"}

    id: Mapped[Identifier]
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    lines: Mapped[int] = mapped_column(Integer)
    fresh: Mapped[int] = mapped_column(Integer)
    imported_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    imported_at: Mapped[CreatedAt]


class BankLine(HouseBase):
    """Money that came or went, once however many files tell of it; minor units."""

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("entity_id", "fingerprint", name="bank_line_once"),
        Index("bank_line_queue", "booked_on", "id", postgresql_where=text("state = 'queued'")),
    )

    id: Mapped[Identifier]
    statement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_statement.id"))
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    fingerprint: Mapped[str] = mapped_column(Text)
    booked_on: Mapped[date]
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(Text)
    payer: Mapped[Words]
    payer_account: Mapped[Words]
    reference: Mapped[Words]
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[Words]
    guesses: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    note: Mapped[Words]
    created_at: Mapped[CreatedAt]


class BankMatch(HouseBase):
    """A payment a line became; undone where it was wrong."""

    __tablename__ = "bank_match"
    __table_args__ = (Index("bank_match_line", "line_id"),)

    id: Mapped[Identifier]
    line_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("bank_line.id"))
    payment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("invoice_payment.id"), unique=True
    )
    matched_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    matched_at: Mapped[CreatedAt]
    undone_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    undone_at: Mapped[Moment | None]
