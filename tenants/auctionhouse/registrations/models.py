"""A client's registration for one sale."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment
from auctionxchange.kernel.database import HouseBase


class Registration(HouseBase):
    """Permission to bid in a sale, under the conditions accepted, with a paddle number."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("sale_id", "client_id"),
        UniqueConstraint("sale_id", "paddle"),
        CheckConstraint("spending_limit > 0", name="registration_spending"),
    )

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"))
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=text("'pending'"), default="pending")
    paddle: Mapped[int | None] = mapped_column(Integer)
    conditions_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("conditions.id"))
    accepted_at: Mapped[Moment | None]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    bid_limit: Mapped[Minor | None]
    spending_limit: Mapped[Minor | None]
    links_lots: Mapped[bool] = mapped_column(Boolean, server_default=text("false"), default=False)
    created_at: Mapped[CreatedAt]


class LinkedLot(HouseBase):
    """A lot of which a client wants only one together with the others of the same choice."""

    __tablename__ = "linked_lot"
    __table_args__ = (
        CheckConstraint("choice > 0", name="linked_lot_choice"),
        Index("linked_lot_sale", "sale_id", "client_id"),
    )

    client_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("client.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"))
    choice: Mapped[int] = mapped_column(Integer)
