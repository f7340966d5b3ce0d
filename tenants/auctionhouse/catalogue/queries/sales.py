"""A sale as the public sees it, its notices and its categories.

A page asks for the sale first; the answer carries everything the page's ETag is made of, so that
an unchanged page costs one statement.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.policies import Policies, policies_of


@dataclass(frozen=True, slots=True)
class SaleHead:
    """A public sale and the sums its pages' versions are made of."""

    id: int
    reference: str
    title: str
    subtitle: str
    description: str
    state: str
    currency: str
    place: str
    viewing: str
    shipping: str
    note: str
    starts_at: datetime | None
    ends_at: datetime | None
    closing_interval_seconds: int
    registration_mode: str
    premium_percent: Decimal
    premium_vat_note: str
    terms: dict[str, Any]
    money: dict[str, Any]
    paused_at: datetime | None
    published_at: datetime | None
    closed_at: datetime | None
    version: int
    now: datetime
    lots: int
    lots_version: int
    states_version: int
    begun: int
    due: int
    last_end: datetime | None
    last_notice: int

    @property
    def policies(self) -> Policies:
        """Return what the house allows around bids in this sale."""
        return policies_of(self.terms)


_HEAD = """
    SELECT s.id, s.reference, s.title, s.subtitle, s.description, s.state, s.currency, s.place,
           s.viewing, s.shipping, s.note, s.starts_at, s.ends_at, s.closing_interval_seconds,
           s.registration_mode, s.premium_percent, s.premium_vat_note, s.terms, s.money,
           s.paused_at, s.published_at, s.closed_at, s.version, clock_timestamp() AS now,
           sums.*, coalesce((SELECT max(n.id) FROM sale_notice n WHERE n.sale_id = s.id), 0)
               AS last_notice
    FROM sale s
    CROSS JOIN LATERAL (
        SELECT count(*) AS lots,
               coalesce(sum(l.version) + max(l.id), 0)::bigint AS lots_version,
               coalesce(sum(CASE WHEN t.hides_bids AND t.status <> 'closed'
                   THEN extract(epoch FROM t.ends_at)::int ELSE t.version END), 0)::bigint
                   AS states_version,
               count(*) FILTER (WHERE t.starts_at <= clock_timestamp()) AS begun,
               count(*) FILTER (WHERE t.ends_at <= clock_timestamp()) AS due,
               max(t.ends_at) AS last_end
        FROM lot l LEFT JOIN lot_state t ON t.lot_id = l.id
        WHERE l.sale_id = s.id
    ) sums
    WHERE s.state IN ('published', 'closed', 'archived')
"""
ONE_SALE = f"{_HEAD} AND s.reference = %(reference)s"
"""Reads a SaleHead; for whoever sends it to the driver."""
_ALL_SALES = text(
    f"{_HEAD} AND s.state <> 'archived' ORDER BY s.closed_at DESC NULLS FIRST, s.starts_at, s.id"
    " LIMIT 60"
)


def find_sale(session: Session, reference: str) -> SaleHead | None:
    """Return a public sale by its reference.

    Every page of a sale begins with this read, a 304 consists of it: it goes to the driver itself.
    """
    with closing(session.connection().connection.cursor()) as cursor:
        cursor.execute(ONE_SALE, {"reference": reference})
        row = cursor.fetchone()
    return None if row is None else SaleHead(*row)


def public_sales(session: Session) -> list[SaleHead]:
    """Return the sales of the first page: running and coming by start, then past, newest first."""
    return [SaleHead(*row) for row in session.execute(_ALL_SALES)]


def categories_of(session: Session, sale_id: int) -> list[tuple[str, int]]:
    """Return the categories of a sale with how many lots each has."""
    rows = session.execute(
        text(
            "SELECT category, count(*) FROM lot WHERE sale_id = :sale_id AND category <> ''"
            " GROUP BY category ORDER BY category"
        ),
        {"sale_id": sale_id},
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Notice:
    """A saleroom notice."""

    id: int
    lot_id: int | None
    body: str
    posted_at: datetime


def notices_of(session: Session, sale_id: int, lot_id: int | None = None) -> list[Notice]:
    """Return a sale's notices, newest first; with a lot, that lot's as well."""
    rows = session.execute(
        text(
            "SELECT id, lot_id, body, posted_at FROM sale_notice WHERE sale_id = :sale_id"
            " AND (lot_id IS NULL OR lot_id = :lot_id) ORDER BY posted_at DESC, id DESC LIMIT 20"
        ),
        {"sale_id": sale_id, "lot_id": lot_id},
    )
    return [Notice(*row) for row in rows]
