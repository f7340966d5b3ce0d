"""Statements with their parts and lines, holds, payout runs, and what each part was used for.

A released statement and a file once made stay as they are, and a part is used once: the database
refuses anything else. Amounts are minor units, signed as the vendor sees them.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase


class PayerAccount(HouseBase):
    """A legal entity as a payer: its series of statements and its clients' bank account, sealed."""

    __tablename__ = "payer_account"

    entity_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("legal_entity.id"), primary_key=True, autoincrement=False
    )
    series: Mapped[str] = mapped_column(Text, unique=True)
    next_statement: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    holder: Mapped[Words]
    kind: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked: Mapped[Words]
    bacs_user: Mapped[Words]


class Statement(HouseBase):
    """What a consignor gets from a sale; a counter-statement, a contra note, money returned."""

    __tablename__ = "statement"

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    sale_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sale.id"))
    corrects_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("statement.id"))
    invoice_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("invoice.id"))
    number: Mapped[str | None] = mapped_column(Text, unique=True)
    sequence: Mapped[int | None] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    consignor: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    reason: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text, unique=True)
    released_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]


class StatementPart(HouseBase):
    """A lot of a statement, or what belongs to none; live until a counter-statement undoes it."""

    __tablename__ = "statement_part"

    statement_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("statement.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"), index=True)
    agreement_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("agreement.id"))
    label: Mapped[Words]
    title: Mapped[Words]
    outcome: Mapped[Words]
    vat: Mapped[Words]
    hammer: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    amount: Mapped[Minor]
    live: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), default=True)


class StatementLine(HouseBase):
    """One amount of a part, with the rule and rate that made it; charges are negative."""

    __tablename__ = "statement_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "part"],
            ["statement_part.statement_id", "statement_part.part"],
            ondelete="CASCADE",
        ),
    )

    statement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    base: Mapped[Minor | None]


class VendorHold(HouseBase):
    """A lot whose money staff keep back, and why."""

    __tablename__ = "vendor_hold"

    id: Mapped[Identifier]
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    reason: Mapped[str] = mapped_column(Text)
    held_by: Mapped[int | None] = mapped_column(BigInteger)
    held_at: Mapped[CreatedAt]
    lifted_by: Mapped[int | None] = mapped_column(BigInteger)
    lifted_at: Mapped[Moment | None]


class PayoutRun(HouseBase):
    """Payments to consignors that go to the bank together; the file is kept sealed."""

    __tablename__ = "payout_run"

    id: Mapped[Identifier]
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=text("'proposed'"), default="proposed")
    pay_on: Mapped[date]
    total: Mapped[Minor]
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[CreatedAt]
    approved_by: Mapped[int | None] = mapped_column(BigInteger)
    approved_at: Mapped[Moment | None]
    file_name: Mapped[str | None] = mapped_column(Text)
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[Moment | None]
    sent_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    cancelled_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[Words]


class PayoutLine(HouseBase):
    """One payment of a run; the account as it was when the run was proposed."""

    __tablename__ = "payout_line"

    id: Mapped[Identifier]
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payout_run.id"))
    position: Mapped[int] = mapped_column(Integer)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    payee_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payee.id"))
    retries_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("payout_line.id"), unique=True
    )
    name: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    end_to_end: Mapped[str] = mapped_column(Text, unique=True)
    amount: Mapped[Minor]
    kind: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked: Mapped[Words]
    state: Mapped[str] = mapped_column(Text, server_default=text("'waiting'"), default="waiting")
    failure: Mapped[Words]


class StatementUse(HouseBase):
    """That a part went into a payout run or a contra; one live use a part."""

    __tablename__ = "statement_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["statement_id", "part"], ["statement_part.statement_id", "statement_part.part"]
        ),
    )

    id: Mapped[Identifier]
    statement_id: Mapped[int] = mapped_column(BigInteger)
    part: Mapped[int] = mapped_column(Integer)
    run_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("payout_run.id"))
    contra_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("statement.id"))
    live: Mapped[bool] = mapped_column(Boolean, server_default=text("true"), default=True)
