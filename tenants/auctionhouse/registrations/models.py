"""A client's registration for one sale."""

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment
from auctionxchange.kernel.database import HouseBase


class Registration(HouseBase):
    """Permission to bid in a sale, under the conditions accepted, with a paddle number."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("sale_id", "client_id"),
        UniqueConstraint("sale_id", "paddle"),
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
    created_at: Mapped[CreatedAt]
