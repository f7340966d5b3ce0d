"""Sales and their lots as they are catalogued; what bidding moves stands in lot_state."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from auctionhouse.columns import CreatedAt, Identifier, Minor, Moment, Words
from auctionxchange.kernel.database import HouseBase

_SEARCHED = ("title", "subtitle", "maker", "category", "medium", "period", "origin", "description")
_SEARCH = " || ' ' || ".join(_SEARCHED)


class Conditions(HouseBase):
    """The house's conditions of sale; versions are kept as bidders accepted them."""

    __tablename__ = "conditions"

    id: Mapped[Identifier]
    version: Mapped[int] = mapped_column(Integer, unique=True)
    title: Mapped[Words]
    body: Mapped[Words]
    published_at: Mapped[Moment | None]


class Sale(HouseBase):
    """An auction event."""

    __tablename__ = "sale"
    __table_args__ = (
        CheckConstraint("state IN ('draft','published','closed','archived')", name="sale_state"),
        CheckConstraint("ends_at > starts_at", name="sale_ends_after_start"),
        CheckConstraint("premium_percent BETWEEN 0 AND 100", name="sale_premium"),
        CheckConstraint("exchange.terms_sound(terms)", name="sale_terms"),
        CheckConstraint(
            "coalesce(jsonb_typeof(terms->'outage'), 'null') = 'null'"
            " OR coalesce((terms->'outage'->>'at_least_s')::int BETWEEN 0 AND 86400, false)",
            name="sale_outage_rule",
        ),
        CheckConstraint("jsonb_typeof(money) = 'object'", name="sale_money"),
    )

    id: Mapped[Identifier]
    reference: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    subtitle: Mapped[Words]
    description: Mapped[Words]
    kind: Mapped[str] = mapped_column(Text, server_default=text("'timed'"), default="timed")
    state: Mapped[str] = mapped_column(Text, server_default=text("'draft'"), default="draft")
    currency: Mapped[str] = mapped_column(Text)
    place: Mapped[Words]
    viewing: Mapped[Words]
    shipping: Mapped[Words]
    note: Mapped[Words]
    starts_at: Mapped[Moment | None]
    ends_at: Mapped[Moment | None]
    closing_interval_seconds: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), default=0
    )
    registration_mode: Mapped[str] = mapped_column(
        Text, server_default=text("'automatic'"), default="automatic"
    )
    legal_entity_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("legal_entity.id", name="sale_legal_entity")
    )
    conditions_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("conditions.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    closes_together: Mapped[bool] = mapped_column(
        Boolean,
        Computed("coalesce(terms->'soft_close'->>'scope', 'lot') <> 'lot'", persisted=True),
    )
    premium_percent: Mapped[Decimal] = mapped_column(Numeric(6, 3), server_default=text("0"))
    premium_vat_note: Mapped[Words]
    money: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    next_paddle: Mapped[int] = mapped_column(Integer, server_default=text("101"), default=101)
    paused_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    created_at: Mapped[CreatedAt]


class SaleNotice(HouseBase):
    """A saleroom notice, on a whole sale or on one lot."""

    __tablename__ = "sale_notice"

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("lot.id"))
    body: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[CreatedAt]
    posted_by: Mapped[int | None] = mapped_column(BigInteger)


class Lot(HouseBase):
    """What is offered under one number."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("sale_id", "number", "suffix"),
        CheckConstraint("number > 0", name="lot_number"),
        CheckConstraint("quantity > 0", name="lot_quantity"),
        CheckConstraint("opening > 0", name="lot_opening"),
        CheckConstraint("reserve IS NULL OR reserve > 0", name="lot_reserve"),
        CheckConstraint("reserve >= opening", name="lot_reserve_reaches_opening"),
        CheckConstraint(
            "buy_now IS NULL OR (buy_now > opening AND buy_now >= coalesce(reserve, 0))",
            name="lot_buy_now",
        ),
        CheckConstraint("exchange.terms_sound(terms)", name="lot_terms"),
        CheckConstraint(
            "coalesce(jsonb_typeof(terms->'clock'), 'null') = 'null'"
            " OR ((terms->'clock'->>'start')::bigint > opening"
            " AND (terms->'clock'->>'step')::bigint"
            " <= (terms->'clock'->>'start')::bigint - opening)",
            name="lot_clock",
        ),
        CheckConstraint(
            "terms->>'format' IS DISTINCT FROM 'choice' OR (quantity >= 2"
            " AND coalesce(jsonb_array_length(terms->'choice'->'names'), 0) <= quantity)",
            name="lot_choice",
        ),
        CheckConstraint("estimate_high >= estimate_low", name="lot_estimate"),
        CheckConstraint(
            "vat IN ('standard','premium_only','margin','import_reduced','import_standard',"
            "'zero','outside')",
            name="lot_vat",
        ),
        CheckConstraint("premium IS NULL OR jsonb_typeof(premium) = 'array'", name="lot_premium"),
        CheckConstraint(
            "agreement_id IS NULL OR consignor_client_id IS NOT NULL",
            name="lot_agreement_consignor",
        ),
        ForeignKeyConstraint(
            ["agreement_id", "consignor_client_id"],
            ["agreement.id", "agreement.client_id"],
            name="lot_agreement",
        ),
        Index("lot_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sale.id"))
    number: Mapped[int] = mapped_column(Integer)
    suffix: Mapped[Words]
    title: Mapped[str] = mapped_column(Text)
    subtitle: Mapped[Words]
    maker: Mapped[Words]
    description: Mapped[Words]
    medium: Mapped[Words]
    dimensions: Mapped[Words]
    period: Mapped[Words]
    origin: Mapped[Words]
    provenance: Mapped[Words]
    literature: Mapped[Words]
    exhibitions: Mapped[Words]
    condition: Mapped[Words]
    category: Mapped[Words]
    quantity: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    estimate_low: Mapped[Minor | None]
    estimate_high: Mapped[Minor | None]
    estimate_on_request: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), default=False
    )
    opening: Mapped[Minor]
    reserve: Mapped[Minor | None]
    buy_now: Mapped[Minor | None]
    buy_now_until: Mapped[Minor | None]
    offer_accept_from: Mapped[Minor | None]
    offer_decline_below: Mapped[Minor | None]
    reserve_shown: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), default=False
    )
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    closing_group: Mapped[Words]
    vat: Mapped[str | None] = mapped_column(Text)
    premium: Mapped[list[list[str]] | None] = mapped_column(JSONB(none_as_null=True))
    artist_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("artist.id", name="lot_artist")
    )
    bought_from_artist_on: Mapped[date | None]
    consignor_client_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("client.id"))
    agreement_id: Mapped[int | None] = mapped_column(BigInteger)
    seller_is_trader: Mapped[bool] = mapped_column(
        Boolean, server_default=text("false"), default=False
    )
    shipping: Mapped[Words]
    location: Mapped[Words]
    internal_notes: Mapped[Words]
    withdrawn_at: Mapped[Moment | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    created_at: Mapped[CreatedAt]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(f"to_tsvector('pg_catalog.simple'::regconfig, {_SEARCH})", persisted=True),
        deferred=True,
    )


class Picture(HouseBase):
    """A picture of a lot; the file and its variants are named by the digest of its content."""

    __tablename__ = "picture"

    id: Mapped[Identifier]
    lot_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("lot.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(Integer)
    alt: Mapped[Words]
    digest: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    colour: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    original_name: Mapped[Words]
    created_at: Mapped[CreatedAt]
