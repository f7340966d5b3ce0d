"""Agreements in versions, receipts for what was brought, and payees with sealed bank details.

A signed agreement and a receipt stay as they are: the database refuses to change them. Amounts are
minor units of the row's currency.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase


class VendorSettings(HouseBase):
    """The one row that says when vendors are paid; days are calendar days."""

    __tablename__ = "vendor_settings"
    __table_args__ = (CheckConstraint("id = 1"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    reserve_days: Mapped[int] = mapped_column(Integer, server_default=text("21"))
    bank_days: Mapped[int] = mapped_column(Integer, server_default=text("10"))
    pay_when: Mapped[str] = mapped_column(Text, server_default=text("'invoice_paid'"))
    next_receipt: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class Agreement(HouseBase):
    """One version of what a consignor agreed to with a legal entity, as a calculation tells it."""

    __tablename__ = "agreement"

    id: Mapped[Identifier]
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    entity_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("legal_entity.id"))
    number: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    resale_right: Mapped[str] = mapped_column(Text, server_default=text("'sale'"), default="sale")
    note: Mapped[Words]
    signed_on: Mapped[date | None]
    signed_by: Mapped[Words]
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class Intake(HouseBase):
    """A numbered receipt for what a consignor brought."""

    __tablename__ = "intake"
    __table_args__ = {"comment": "append-only"}

    id: Mapped[Identifier]
    number: Mapped[int] = mapped_column(Integer, unique=True)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    currency: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    place: Mapped[Words]
    note: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text, unique=True)
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class IntakeItem(HouseBase):
    """One thing on a receipt, with its condition and the reserve agreed."""

    __tablename__ = "intake_item"
    __table_args__ = {"comment": "append-only"}

    intake_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("intake.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    condition: Mapped[Words]
    reserve: Mapped[Minor | None]


class PayeeInstruction(HouseBase):
    """A version of whom a consignor's money goes to; it counts once a second person approved."""

    __tablename__ = "payee_instruction"

    id: Mapped[Identifier]
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    version: Mapped[int] = mapped_column(Integer)
    reason: Mapped[Words]
    contact: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[CreatedAt]
    state: Mapped[str] = mapped_column(Text, server_default=text("'proposed'"), default="proposed")
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[Moment | None]


class Payee(HouseBase):
    """Who gets a share or a fixed amount, or the house that keeps one; the account is sealed."""

    __tablename__ = "payee"

    id: Mapped[Identifier]
    instruction_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payee_instruction.id"))
    position: Mapped[int] = mapped_column(Integer)
    rule: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    reference: Mapped[Words]
    share_numerator: Mapped[int | None] = mapped_column(BigInteger)
    share_denominator: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[Minor | None]
    currency: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    masked: Mapped[Words]
    known_since: Mapped[Moment | None]
