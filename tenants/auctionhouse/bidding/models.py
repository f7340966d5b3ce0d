"""What bidding moves: one narrow hot row a lot, and the ledger that is only ever added to.

Maxima and salts are sealed; book.py opens them.
"""

import uuid

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from auctionhouse.columns import CreatedAt, Minor, Moment
from auctionxchange.kernel.database import HouseBase


class LotState(HouseBase):
    """Where the bidding on a lot stands; written by the bidding operations alone."""

    __tablename__ = "lot_state"
    __table_args__ = (
        CheckConstraint(
            "status IN ('scheduled','open','ended','closed','withdrawn')", name="lot_state_status"
        ),
        CheckConstraint(
            "format NOT LIKE 'sealed%' OR status = 'closed' OR (leader_client_id IS NULL"
            " AND price IS NULL AND maximum IS NULL AND second_maximum IS NULL)",
            name="lot_state_sealed",
        ),
        CheckConstraint(
            "format <> 'dutch' OR status <> 'open' OR price IS NULL OR price >= asking",
            name="lot_state_clock",
        ),
        CheckConstraint(
            "outcome IS DISTINCT FROM 'choosing'"
            " OR (format = 'choice' AND status = 'closed' AND leader_client_id IS NOT NULL)",
            name="lot_state_choosing",
        ),
        CheckConstraint("passes_before_s >= 0", name="lot_state_passes"),
        Index(
            "lot_state_passing",
            "ends_at",
            postgresql_where=text("status IN ('scheduled','open') AND passes_before_s > 0"),
        ),
        CheckConstraint("pieces > 0", name="lot_state_pieces"),
        Index("lot_state_due", "ends_at", postgresql_where=text("status IN ('scheduled','open')")),
        Index("lot_state_sale", "sale_id"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    sale_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    scheduled_ends_at: Mapped[Moment]
    leader_client_id: Mapped[int | None] = mapped_column(BigInteger)
    price: Mapped[Minor | None]
    maximum: Mapped[bytes | None] = mapped_column(LargeBinary)
    second_maximum: Mapped[bytes | None] = mapped_column(LargeBinary)
    asking: Mapped[Minor]
    reserve_met: Mapped[bool] = mapped_column(Boolean)
    bid_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    outcome: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    chain_length: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    chain_head: Mapped[bytes] = mapped_column(LargeBinary)
    last_at: Mapped[Moment]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    format: Mapped[str] = mapped_column(Text, server_default=text("'timed'"))
    pieces: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    hides_bids: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    passes_before_s: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """How many seconds before its end a falling clock is below the lot's reserve."""


class LedgerEntry(HouseBase):
    """One immutable act on a lot: the public payload that is hashed, and private columns beside."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(
            "ledger_entry_token", "token", unique=True, postgresql_where=text("token IS NOT NULL")
        ),
        Index("ledger_entry_client", "client_id", "lot_id"),
        CheckConstraint(
            "kind <> 'sealed_bid' OR NOT payload::jsonb ? 'amount'",
            name="ledger_entry_sealed",
        ),
        CheckConstraint(
            "kind <> 'sealed_bid' OR coalesce(jsonb_typeof(payload::jsonb->'pieces'), 'string')"
            " = 'string'",
            name="ledger_entry_sealed_pieces",
        ),
        {"comment": "append-only"},
    )

    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    client_id: Mapped[int | None] = mapped_column(BigInteger)
    placed_by_member_id: Mapped[int | None] = mapped_column(BigInteger)
    maximum: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[str | None] = mapped_column(Text)
    token: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    pieces: Mapped[bytes | None] = mapped_column(LargeBinary)


class AwardRow(HouseBase):
    """So many of a lot's pieces that went to one buyer, at a price each; no other lot has any.

    The view “bought” has who bought what of every lot that is sold: sale_id, lot_id, place and
    share_of (the client; both 0 where one buyer has all), client_id, price, and pieces.
    """

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint("pieces > 0 AND price > 0 AND place > 0", name="award_amounts"),
        Index("award_client", "client_id"),
    )

    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(Integer)
    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("client.id"))
    pieces: Mapped[int] = mapped_column(Integer)
    price: Mapped[Minor]


class SaleOutage(HouseBase):
    """A time the service was out of reach that was accounted for in a sale, once."""

    __tablename__ = "sale_outage"
    __table_args__ = (
        CheckConstraint("until_at > from_at", name="sale_outage_lasts"),
        {"comment": "append-only"},
    )

    outage_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sale_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sale.id"), primary_key=True, autoincrement=False
    )
    from_at: Mapped[Moment]
    until_at: Mapped[Moment]
    lots: Mapped[int] = mapped_column(Integer)
    accounted_at: Mapped[CreatedAt]
