"""Offers as they stand, and every step of them; amounts are between the house and its bidder."""

import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment
from auctionxchange.kernel.database import HouseBase


class LotOffer(HouseBase):
    """One offer on a lot: whose turn it is, at what amount, and until when.

    One to everybody has no client. The lot's row is held whenever it moves.
    """

    __tablename__ = "lot_offer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="lot_offer_amount"),
        CheckConstraint("lasts_s BETWEEN 60 AND 31536000", name="lot_offer_lasts"),
        CheckConstraint("(kind = 'everybody') = (client_id IS NULL)", name="lot_offer_to"),
        Index(
            "lot_offer_one_each", "lot_id", "client_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "lot_offer_one_price", "lot_id", unique=True,
            postgresql_where=text("ended_at IS NULL AND kind = 'everybody'"),
        ),
        Index(
            "lot_offer_one_choice", "lot_id", unique=True,
            postgresql_where=text("ended_at IS NULL AND kind = 'choosing'"),
        ),
        Index("lot_offer_due", "expires_at", postgresql_where=text("ended_at IS NULL")),
        Index("lot_offer_client", "client_id"),
        Index("lot_offer_sale", "sale_id"),
        Index("lot_offer_lot", "lot_id"),
    )  # fmt: skip

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"))
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    client_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("client.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    lasts_s: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    steps: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    token: Mapped[uuid.UUID | None] = mapped_column(Uuid, unique=True)
    expires_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    made_at: Mapped[CreatedAt]


class LotOfferStep(HouseBase):
    """One step of an offer: who did what, at which amount."""

    __tablename__ = "lot_offer_step"
    __table_args__ = {"comment": "append-only"}

    offer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot_offer.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    act: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    amount: Mapped[Minor]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[CreatedAt]
