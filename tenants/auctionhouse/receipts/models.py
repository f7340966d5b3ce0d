"""The keys a house signs with, and the bids it refused; accepted ones stand in the ledger."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Moment
from auctionxchange.kernel.database import HouseBase


class SigningKey(HouseBase):
    """An Ed25519 key; its private half is sealed. Retired ones stay published."""

    __tablename__ = "signing_key"
    __table_args__ = (
        Index(
            "signing_key_current",
            text("(retired_at IS NULL)"),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[Moment | None]


class RefusedBid(HouseBase):
    """What a refused bid met; maximum and salt are sealed.

    The statement is what a receipt tells but for house and key, which are added when it is signed;
    rows from before that have the whole statement with its signature.
    """

    __tablename__ = "refused_bid"
    __table_args__ = (
        Index("refused_bid_client", "client_id", "lot_id"),
        Index("refused_bid_lot", "lot_id"),
        Index("refused_bid_reference", "reference", unique=True),
        CheckConstraint("(signature IS NULL) = (key_id IS NULL)", name="refused_bid_signed"),
        {"comment": "append-only"},
    )

    id: Mapped[Identifier]
    lot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lot.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    client_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str | None] = mapped_column(Text, ForeignKey("signing_key.id"))
    maximum: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    reference: Mapped[UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"))
