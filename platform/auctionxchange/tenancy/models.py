"""The shared tables: houses, their domains, migrations, the outbox, operators and the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from auctionxchange.kernel.database import PlatformBase

EXCHANGE = "exchange"


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's xid8, which snapshots are compared with."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """Return the type's name in SQL."""
        return "xid8"


class HouseRecord(PlatformBase):
    """A house. Its schema never changes; everything a person sees may."""

    __tablename__ = "house"
    __table_args__ = {"schema": EXCHANGE}

    schema: Mapped[str] = mapped_column(Text, primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="provisioning")
    currency: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    languages: Mapped[list[str]] = mapped_column(JSONB)
    theme: Mapped[str] = mapped_column(Text, server_default="base")
    theme_settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    secret: Mapped[str] = mapped_column(Text)
    primary_domain: Mapped[str | None] = mapped_column(Text)
    database: Mapped[str] = mapped_column(Text, server_default="main")
    owner_email: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    suspended_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class Domain(PlatformBase):
    """A host name of a house's own; it serves only once it was verified."""

    __tablename__ = "domain"
    __table_args__ = {"schema": EXCHANGE}

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    house_schema: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.house.schema", ondelete="CASCADE"), index=True
    )
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class HouseMigration(PlatformBase):
    """Where a house's schema stands: the ledger of migrations."""

    __tablename__ = "migration"
    __table_args__ = {"schema": EXCHANGE}

    house_schema: Mapped[str] = mapped_column(
        Text, ForeignKey(f"{EXCHANGE}.house.schema", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OutboxRow(PlatformBase):
    """An effect on its way out: a live event or a job."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_live_order", "transaction", "id", postgresql_where=text("kind = 'live'")),
        Index("outbox_jobs_waiting", "id", postgresql_where=text("kind = 'job'")),
        {"schema": EXCHANGE},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction: Mapped[str] = mapped_column(
        TransactionId, server_default=text("pg_current_xact_id()")
    )
    house: Mapped[str] = mapped_column(Text, server_default=text("current_user"))
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
    kind: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditRecord(PlatformBase):
    """What was done to a house or an operator: who, why, before and after."""

    __tablename__ = "audit"
    __table_args__ = {"schema": EXCHANGE}

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp(), index=True
    )
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ServiceOutage(PlatformBase):
    """A time a service was silent, written by itself when it came back."""

    __tablename__ = "service_outage"
    __table_args__ = (
        CheckConstraint("until_at > from_at", name="service_outage_lasts"),
        Index("service_outage_name", "name", "id"),
        {"schema": EXCHANGE},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Tried(PlatformBase):
    """How often something was tried in a window, by a keyed digest that tells nobody's address."""

    __tablename__ = "tried"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tried_counts"),
        Index("tried_ends", "ends"),
        {"schema": EXCHANGE, "prefixes": ["UNLOGGED"]},
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    tries: Mapped[int] = mapped_column(Integer)
    ends: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Heartbeat(PlatformBase):
    """When a process last said that it serves."""

    __tablename__ = "service_heartbeat"
    __table_args__ = {"schema": EXCHANGE}

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
