"""The house's copy of its plan, and how the exchange is paid for a lot: once, in one way."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Moment
from auctionxchange.kernel.database import HouseBase


class PlanAllowance(HouseBase):
    """What the plan allows, one row; without one nothing is limited or charged."""

    __tablename__ = "plan_allowance"
    __table_args__ = (
        CheckConstraint("one", name="plan_allowance_one_check"),
        CheckConstraint(
            "(fee_basis_points > 0) = (sales_charge = 'fee')", name="plan_allowance_fee"
        ),
    )

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    plan: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    lots: Mapped[int | None] = mapped_column(Integer)
    staff: Mapped[int | None] = mapped_column(Integer)
    storage_mb: Mapped[int | None] = mapped_column(Integer)
    sales_charge: Mapped[str] = mapped_column(Text)
    fee_basis_points: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    state: Mapped[str] = mapped_column(Text)
    trial_ends_at: Mapped[Moment | None]
    paid_until: Mapped[Moment | None]
    suspends_at: Mapped[Moment | None]
    customer: Mapped[str | None] = mapped_column(Text)
    price: Mapped[int | None] = mapped_column(BigInteger)
    """Minor units a month; none and no currency until the exchange has told it."""

    meter_price: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    currency: Mapped[str | None] = mapped_column(Text)


class ChargedLot(HouseBase):
    """A sold lot the exchange is paid for, by meter or by fee: its key makes both impossible."""

    __tablename__ = "charged_lot"
    __table_args__ = (
        CheckConstraint("(way = 'meter') = (identifier IS NOT NULL)", name="charged_lot_metered"),
        Index(
            "charged_lot_unsent",
            "lot_id",
            postgresql_where=text("way = 'meter' AND sent_at IS NULL"),
        ),
    )

    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    way: Mapped[str] = mapped_column(Text)
    identifier: Mapped[str | None] = mapped_column(Text, unique=True)
    charged_at: Mapped[CreatedAt]
    sent_at: Mapped[Moment | None]
