"""One lot with everything its page shows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.queries.cards import (
    FIRST_PICTURE,
    LOT_COLUMNS,
    PICTURE_COLUMNS,
    LotRow,
    PictureRow,
    lot_row,
)
from auctionhouse.money.stored import LotMoney


@dataclass(frozen=True, slots=True)
class LotTexts:
    """The catalogue entry: everything a cataloguer wrote that is public."""

    subtitle: str
    description: str
    medium: str
    dimensions: str
    period: str
    origin: str
    provenance: str
    literature: str
    exhibitions: str
    condition: str
    quantity: int
    shipping: str
    location: str
    seller_is_trader: bool
    reserve: int | None
    withdrawn_reason: str | None
    terms: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LotPage:
    """A lot, its texts, its pictures in order, and the numbers before and after it."""

    row: LotRow
    texts: LotTexts
    pictures: tuple[PictureRow, ...]
    previous: str | None
    following: str | None
    money: LotMoney


_LOT = text(f"""
    SELECT {LOT_COLUMNS}, {PICTURE_COLUMNS},
           l.subtitle, l.description, l.medium, l.dimensions, l.period, l.origin, l.provenance,
           l.literature, l.exhibitions, l.condition, l.quantity, l.shipping, l.location,
           l.seller_is_trader, CASE WHEN l.reserve_shown THEN l.reserve END AS shown_reserve,
           l.withdrawn_reason, l.terms,
           (SELECT o.number || o.suffix FROM lot o WHERE o.sale_id = l.sale_id
             AND (o.number, o.suffix) < (l.number, l.suffix)
             ORDER BY o.number DESC, o.suffix DESC LIMIT 1) AS previous,
           (SELECT o.number || o.suffix FROM lot o WHERE o.sale_id = l.sale_id
             AND (o.number, o.suffix) > (l.number, l.suffix)
             ORDER BY o.number, o.suffix LIMIT 1) AS following,
           l.vat, l.premium AS own_premium, l.bought_from_artist_on, a.nationality, a.died
    FROM lot l JOIN lot_state t ON t.lot_id = l.id LEFT JOIN artist a ON a.id = l.artist_id
         {FIRST_PICTURE}
    WHERE l.sale_id = :sale_id AND l.number = :number AND l.suffix = :suffix
""")  # noqa: S608 - constants
_PICTURES = text(
    f"SELECT {PICTURE_COLUMNS} FROM picture p WHERE p.lot_id = :lot_id"  # noqa: S608
    " ORDER BY p.position, p.id"
)
_TEXTS_AT = 37
_TEXTS_END = _TEXTS_AT + 17


def find_lot(session: Session, sale_id: int, number: int, suffix: str) -> LotPage | None:
    """Return a lot of a sale by its number and suffix."""
    key: dict[str, Any] = {"sale_id": sale_id, "number": number, "suffix": suffix}
    row = session.execute(_LOT, key).first()
    if row is None:
        return None
    pictures = session.execute(_PICTURES, {"lot_id": row.id})
    return LotPage(
        row=lot_row(row),
        texts=LotTexts(*tuple(row)[_TEXTS_AT:_TEXTS_END]),
        pictures=tuple(PictureRow(*picture) for picture in pictures),
        previous=row.previous,
        following=row.following,
        money=LotMoney(
            row.vat,
            row.own_premium,
            row.pieces,
            row.bought_from_artist_on,
            row.nationality,
            row.died,
        ),
    )
