"""Release orders, what holds them, parcels, and which lots have left."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Moment, Words
from auctionxchange.kernel.database import HouseBase


class ReleaseOrder(HouseBase):
    """Permission to hand over a paid invoice's lots to whoever knows its code."""

    __tablename__ = "release_order"

    id: Mapped[Identifier]
    invoice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("invoice.id"), unique=True)
    code: Mapped[str] = mapped_column(Text)
    made_at: Mapped[CreatedAt]


class ReleaseHold(HouseBase):
    """Why nothing is handed over to a client for now, until somebody lifts it."""

    __tablename__ = "release_hold"
    __table_args__ = (
        Index(
            "release_hold_standing",
            "client_id",
            "kind",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Identifier]
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int | None] = mapped_column(BigInteger)
    set_at: Mapped[CreatedAt]
    lifted_by: Mapped[int | None] = mapped_column(BigInteger)
    lifted_at: Mapped[Moment | None]


class Parcel(HouseBase):
    """A parcel of a release order; contents says what is in it beside lots, or how it is packed."""

    __tablename__ = "parcel"
    __table_args__ = (
        UniqueConstraint("release_order_id", "number"),
        Index("parcel_order", "release_order_id"),
    )

    id: Mapped[Identifier]
    release_order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("release_order.id"))
    number: Mapped[int] = mapped_column(Integer)
    carrier: Mapped[Words]
    tracking: Mapped[Words]
    contents: Mapped[Words]


class LotHandover(HouseBase):
    """A lot of a release order: in which parcel it is, and when and to whom it left."""

    __tablename__ = "lot_handover"

    release_order_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("release_order.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    parcel_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("parcel.id"))
    collected_at: Mapped[Moment | None]
    collected_by: Mapped[Words]
    actor_member_id: Mapped[int | None] = mapped_column(BigInteger)
