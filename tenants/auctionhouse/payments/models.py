"""Tables of payments by card; amounts are minor units of the payment's currency."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase


class Payment(HouseBase):
    """A sum a client owes for something: kind and reference_id say for what."""

    __tablename__ = "payment"

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[int] = mapped_column(BigInteger)
    entity: Mapped[int] = mapped_column(BigInteger)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    fee: Mapped[int] = mapped_column(BigInteger, server_default="0")
    state: Mapped[str] = mapped_column(Text, server_default="due")
    paid_amount: Mapped[int] = mapped_column(BigInteger, server_default="0")
    refunded_amount: Mapped[int] = mapped_column(BigInteger, server_default="0")
    disputed: Mapped[bool] = mapped_column(server_default=text("false"))
    deadline: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    paid_at: Mapped[Moment | None]


class PaymentAttempt(HouseBase):
    """One try to be paid, written down with its key before Stripe is asked."""

    __tablename__ = "payment_attempt"

    id: Mapped[Identifier]
    payment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment.id"))
    number: Mapped[int] = mapped_column(Integer)
    way: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text, unique=True)
    account: Mapped[str] = mapped_column(Text)
    customer: Mapped[str] = mapped_column(Text)
    card: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    intent: Mapped[str | None] = mapped_column(Text, unique=True)
    session: Mapped[str | None] = mapped_column(Text)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reason: Mapped[str | None] = mapped_column(Text)
    capture_before: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[Moment | None]


class PaymentRefund(HouseBase):
    """Money given back, with its key before Stripe is asked."""

    __tablename__ = "payment_refund"

    id: Mapped[Identifier]
    payment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment.id"))
    attempt_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment_attempt.id"))
    amount: Mapped[Minor]
    key: Mapped[str] = mapped_column(Text, unique=True)
    refund: Mapped[str | None] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    reason: Mapped[Words]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class PaymentDispute(HouseBase):
    """A cardholder's objection; while it is open the consignor is not paid."""

    __tablename__ = "payment_dispute"

    id: Mapped[Identifier]
    payment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment.id"))
    dispute: Mapped[str] = mapped_column(Text, unique=True)
    amount: Mapped[Minor]
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    evidence_due: Mapped[Moment | None]
    opened_at: Mapped[CreatedAt]
    closed_at: Mapped[Moment | None]


class CardOnFile(HouseBase):
    """A client at one of the house's accounts, and the card kept there."""

    __tablename__ = "card_on_file"

    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"), primary_key=True)
    account: Mapped[str] = mapped_column(Text, primary_key=True)
    customer: Mapped[str | None] = mapped_column(Text)
    card: Mapped[str | None] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text)
    last4: Mapped[str | None] = mapped_column(Text)
    session: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[Moment | None]


class StripeLine(HouseBase):
    """One line of an account's balance, once: what it moved, for what, and at which fee.

    kind and name say which of our rows explains it: a charge by its payment intent.
    """

    __tablename__ = "stripe_line"
    __table_args__ = (Index("stripe_line_account", "account", "at"), {"comment": "append-only"})

    line: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    told: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    fee: Mapped[Minor]
    currency: Mapped[str] = mapped_column(Text)
    at: Mapped[Moment]
    posting_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("posting.id"))
    created_at: Mapped[CreatedAt]


class StripeReconciliation(HouseBase):
    """How an account's books compared with ours: every difference by what it is about."""

    __tablename__ = "stripe_reconciliation"
    __table_args__ = (
        Index("stripe_reconciliation_account", "account", "id"),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    account: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[CreatedAt]
    lines: Mapped[int] = mapped_column(Integer)
    balance: Mapped[Minor]
    currency: Mapped[str] = mapped_column(Text)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class StripePayout(HouseBase):
    """What Stripe sent to the house's bank, and whether it arrived."""

    __tablename__ = "stripe_payout"

    payout: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    arrival_at: Mapped[Moment | None]
    seen_at: Mapped[CreatedAt]
