"""Shared tables of billing; amounts are minor units of the plan's currency."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Integer, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionxchange.kernel.database import PlatformBase
from auctionxchange.tenancy.models import EXCHANGE


class Plan(PlatformBase):
    """What houses can subscribe to; a limit that is None is none.

    Sales are charged by a meter of sold lots or by a fee on card payments, never by both.
    """

    __tablename__ = "plan"
    __table_args__ = {"schema": EXCHANGE}

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    price: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    lots: Mapped[int | None] = mapped_column(Integer)
    staff: Mapped[int | None] = mapped_column(Integer)
    storage_mb: Mapped[int | None] = mapped_column(Integer)
    sales_charge: Mapped[str] = mapped_column(Text, server_default="none")
    meter_price: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    fee_basis_points: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    offered: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    stripe_price: Mapped[str | None] = mapped_column(Text)
    stripe_meter_price: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class Subscription(PlatformBase):
    """What a house has subscribed to and where that stands; a house without a row is unlimited."""

    __tablename__ = "subscription"
    __table_args__ = {"schema": EXCHANGE}

    house_schema: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.house.schema", ondelete="CASCADE"), primary_key=True
    )
    plan: Mapped[str] = mapped_column(Text, ForeignKey(f"{EXCHANGE}.plan.code"))
    state: Mapped[str] = mapped_column(Text)
    trial_ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paid_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    warned: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    customer: Mapped[str | None] = mapped_column(Text, unique=True)
    stripe_subscription: Mapped[str | None] = mapped_column(Text, unique=True)
    changed_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    used_lots: Mapped[int | None] = mapped_column(BigInteger)
    used_staff: Mapped[int | None] = mapped_column(BigInteger)
    used_mb: Mapped[int | None] = mapped_column(BigInteger)
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
