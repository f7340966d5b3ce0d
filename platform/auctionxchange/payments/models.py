"""Shared tables of payments: whose an account is, and what Stripe told us."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from auctionxchange.kernel.database import PlatformBase
from auctionxchange.tenancy.models import EXCHANGE


class StripeAccount(PlatformBase):
    """A connected account: it belongs to one legal entity of one house."""

    __tablename__ = "stripe_account"
    __table_args__ = {"schema": EXCHANGE}

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    house_schema: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.house.schema", ondelete="CASCADE")
    )
    entity: Mapped[int] = mapped_column(BigInteger)
    card_payments: Mapped[str] = mapped_column(Text, server_default="restricted")
    currency: Mapped[str | None] = mapped_column(Text)
    lacks: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    looked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class StripeComparison(PlatformBase):
    """How an account's books and its house's compared last; amounts stay with the house."""

    __tablename__ = "stripe_comparison"
    __table_args__ = {"schema": EXCHANGE}

    account: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.stripe_account.account", ondelete="CASCADE"), primary_key=True
    )
    house_schema: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.house.schema", ondelete="CASCADE")
    )
    entity: Mapped[int] = mapped_column(BigInteger)
    differences: Mapped[int] = mapped_column(Integer)
    lines: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class StripeEvent(PlatformBase):
    """One event, once; what it is about is fetched anew when it is worked on."""

    __tablename__ = "stripe_event"
    __table_args__ = {"schema": EXCHANGE}

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint: Mapped[str] = mapped_column(Text)
    account: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    object_kind: Mapped[str | None] = mapped_column(Text)
    object_id: Mapped[str | None] = mapped_column(Text)
    livemode: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    state: Mapped[str] = mapped_column(Text, server_default=text("'received'"))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
