"""The lots of a sale as cards show them: filtered, sorted, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.selling import SEALED_FORMATS, shares_pieces


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture's file and measures, without its owner."""

    digest: str
    width: int
    height: int
    colour: str
    alt: str


@dataclass(frozen=True, slots=True)
class LotRow:
    """What a card shows of a lot and of its bidding."""

    id: int
    number: int
    suffix: str
    title: str
    maker: str
    category: str
    estimate_low: int | None
    estimate_high: int | None
    estimate_on_request: bool
    opening: int
    has_reserve: bool
    version: int
    status: str
    outcome: str | None
    starts_at: datetime
    ends_at: datetime
    scheduled_ends_at: datetime
    price: int | None
    asking: int
    reserve_met: bool
    bid_count: int
    leader_client_id: int | None
    state_version: int
    treatment: str | None
    format: str
    pieces: int
    buy_now: int | None
    buy_now_until: int | None
    after_sale: int | None
    after_sale_until: datetime | None
    gone: int
    earned: int
    picture: PictureRow | None

    @property
    def label(self) -> str:
        """Return the number as it is printed, such as 27A."""
        return f"{self.number}{self.suffix}"

    @property
    def sealed(self) -> bool:
        """Tell whether it is sold by sealed bids."""
        return self.format in SEALED_FORMATS

    @property
    def shared(self) -> bool:
        """Tell whether several buyers may share its pieces; gone are sold, for what was earned."""
        return shares_pieces(self.format, self.pieces)


_AFTER_SALE = """
    CASE WHEN t.outcome = 'unsold' THEN (SELECT x.%s FROM lot_offer x WHERE x.lot_id = l.id
        AND x.kind = 'everybody' AND x.ended_at IS NULL AND x.expires_at > clock_timestamp()) END
"""
LOT_COLUMNS = f"""
    l.id, l.number, l.suffix, l.title, l.maker, l.category, l.estimate_low, l.estimate_high,
    l.estimate_on_request, l.opening, l.reserve IS NOT NULL AS has_reserve, l.version,
    t.status, t.outcome, t.starts_at, t.ends_at, t.scheduled_ends_at, t.price, t.asking,
    t.reserve_met, CASE WHEN t.hides_bids AND t.status <> 'closed' THEN 0 ELSE t.bid_count END,
    t.leader_client_id, CASE WHEN t.hides_bids AND t.status <> 'closed'
        THEN extract(epoch FROM t.ends_at)::int ELSE t.version END AS state_version,
    coalesce(l.vat, (SELECT o.money->>'treatment' FROM sale o WHERE o.id = l.sale_id)) AS treatment,
    t.format, t.pieces, l.buy_now, l.buy_now_until, {_AFTER_SALE % "amount"} AS after_sale,
    {_AFTER_SALE % "expires_at"} AS after_sale_until,
    CASE WHEN t.format IN ('sealed_pieces', 'dutch') THEN coalesce(
        (SELECT sum(a.pieces) FROM award a WHERE a.lot_id = t.lot_id), 0) ELSE 0 END::int AS gone,
    CASE WHEN t.format IN ('sealed_pieces', 'dutch') THEN coalesce(
        (SELECT sum(a.pieces * a.price) FROM award a WHERE a.lot_id = t.lot_id), 0)
        ELSE 0 END::bigint AS earned
"""  # noqa: S608 - constants
PICTURE_COLUMNS = "p.digest, p.width, p.height, p.colour, p.alt"
FIRST_PICTURE = f"""
    LEFT JOIN LATERAL (
        SELECT {PICTURE_COLUMNS} FROM picture p WHERE p.lot_id = l.id ORDER BY p.position, p.id
        LIMIT 1
    ) p ON true
"""  # noqa: S608 - constants
_PICTURE_AT = 32


def lot_row(row: Row[Any]) -> LotRow:
    """Build a card's row from LOT_COLUMNS followed by PICTURE_COLUMNS."""
    values: Any = tuple(row)
    picture = values[_PICTURE_AT : _PICTURE_AT + 5]
    shown = None if picture[0] is None else PictureRow(*picture)
    return LotRow(*(*values[:_PICTURE_AT], shown))


@dataclass(frozen=True, slots=True)
class Filter:
    """What of a sale's lots a reader wants to see, and in which order."""

    words: str = ""
    category: str = ""
    only: str = ""
    order: str = "number"
    page: int = 1


PER_PAGE = 60

ORDERS = {
    "number": "l.number, l.suffix",
    "ending": "t.ends_at, l.number, l.suffix",
    "price": "coalesce(t.price, l.opening), l.number",
    "price-down": "coalesce(t.price, l.opening) DESC, l.number",
    "estimate": "l.estimate_low NULLS LAST, l.number",
    "estimate-down": "l.estimate_high DESC NULLS LAST, l.number",
    "bids": "CASE WHEN t.hides_bids AND t.status <> 'closed' THEN 0 ELSE t.bid_count END DESC,"
    " l.number",
}
"""Sorting → SQL; the keys are what addresses carry."""

ONLY = {
    "open": "t.status IN ('scheduled', 'open') AND t.ends_at > clock_timestamp()",
    "ended": "(t.status = 'closed' OR t.ends_at <= clock_timestamp())",
    "sold": "t.outcome = 'sold'",
    "no-reserve": "l.reserve IS NULL",
    "no-bids": "t.bid_count = 0 AND NOT t.hides_bids",
    "mine": "EXISTS (SELECT 1 FROM ledger_entry e"
    " WHERE e.lot_id = l.id AND e.client_id = :client_id)",
}
"""Filter chip → SQL; "mine" needs the reader's client."""


def lots_of(
    session: Session, sale_id: int, wanted: Filter, client_id: int | None = None
) -> tuple[list[LotRow], int]:
    """Return one page of a sale's lots and how many there are in all."""
    conditions = ["l.sale_id = :sale_id"]
    if wanted.words:
        conditions.append("l.search @@ websearch_to_tsquery('pg_catalog.simple', :words)")
    if wanted.category:
        conditions.append("l.category = :category")
    if wanted.only in ONLY:
        conditions.append(ONLY[wanted.only])
    statement = text(
        f"SELECT {LOT_COLUMNS}, {PICTURE_COLUMNS}, count(*) OVER () AS total"  # noqa: S608
        f" FROM lot l JOIN lot_state t ON t.lot_id = l.id {FIRST_PICTURE}"
        f" WHERE {' AND '.join(conditions)}"
        f" ORDER BY {ORDERS.get(wanted.order, ORDERS['number'])} LIMIT :size OFFSET :skip"
    )
    rows = session.execute(
        statement,
        {
            "sale_id": sale_id, "words": wanted.words, "category": wanted.category,
            "client_id": client_id, "size": PER_PAGE, "skip": (wanted.page - 1) * PER_PAGE,
        },
    ).all()  # fmt: skip
    return [lot_row(row) for row in rows], rows[0].total if rows else 0
