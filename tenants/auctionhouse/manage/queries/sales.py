"""Sales and lots as staff list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from auctionhouse.bidding.models import AwardRow, LotState
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale
from auctionhouse.manage.choices import choice
from auctionhouse.members.models import Client
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.errors import NotFound

MOST_ROWS = 2000


def sale_of(session: Session, sale_id: int) -> Sale:
    """Return a sale; raises NotFound."""
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise NotFound
    return sale


def public_state(sale: Any, now: datetime) -> str:
    """Return the word staff read for where a sale stands."""
    if sale.state != "published":
        return str(sale.state)
    if sale.paused_at is not None:
        return "paused"
    if sale.starts_at is not None and sale.starts_at > now:
        return "scheduled"
    return "open"


def lot_word(lot: Any, now: datetime) -> str:
    """Return the word staff read for where a lot stands."""
    if lot.withdrawn_at is not None:
        return "withdrawn"
    if lot.status is None:
        return "draft"
    if lot.status == "closed":
        return lot.outcome or "closed"
    if lot.status == "ended":
        return "ended"
    if lot.starts_at > now:
        return "scheduled"
    return "closing" if lot.ends_at <= now else "open"


def sales(session: Session) -> Sequence[Any]:
    """Return every sale with its counts, the newest first."""
    return session.execute(all_sales()).all()


def all_sales() -> Select[Any]:
    """Select every sale with its counts, the newest first."""
    lots = select(func.count()).where(Lot.sale_id == Sale.id).scalar_subquery()
    with_bid = (
        select(func.count())
        .where(LotState.sale_id == Sale.id, LotState.bid_count > 0)
        .scalar_subquery()
    )
    return select(
        Sale.id, Sale.reference, Sale.title, Sale.state, Sale.starts_at, Sale.ends_at,
        Sale.paused_at, Sale.currency, lots.label("lots"), with_bid.label("with_bid"),
        _waiting(Sale.id).label("waiting"),
    ).order_by(Sale.starts_at.desc().nulls_first(), Sale.id.desc())  # fmt: skip


def _waiting(sale_id: Any) -> Any:
    return (
        select(func.count())
        .where(Registration.sale_id == sale_id, Registration.state == "pending")
        .scalar_subquery()
    )


LOT_ORDERS: dict[str, Any] = {
    "number": (Lot.number, Lot.suffix),
    "title": (func.lower(Lot.title),),
    "estimate": (Lot.estimate_low,),
    "price": (LotState.price,),
    "bids": (LotState.bid_count,),
    "ends": (LotState.ends_at,),
}


def lot_rows(session: Session, sale_id: int, *, order: str = "number") -> Sequence[Any]:
    """Return a sale's lots with where their bidding stands, at most MOST_ROWS."""
    columns = LOT_ORDERS.get(order, LOT_ORDERS["number"])
    keys = [column.asc().nulls_last() for column in columns]
    query = lots_of_sale(sale_id).order_by(None).order_by(*keys, Lot.number, Lot.suffix)
    return session.execute(query.limit(MOST_ROWS)).all()


def lots_of_sale(sale_id: int, search: str = "") -> Select[Any]:
    """Select a sale's lots with where their bidding stands, by number."""
    query: Select[Any] = _lot_columns().where(Lot.sale_id == sale_id)
    query = query.order_by(Lot.number, Lot.suffix)
    return query.where(_matches(search)) if search else query


def _matches(search: str) -> Any:
    words = func.websearch_to_tsquery("pg_catalog.simple", search)
    inside = f"%{search.replace('%', '').replace('_', '')}%"
    number = func.concat(Lot.number, Lot.suffix) == search.upper()
    return or_(Lot.search.op("@@")(words), Lot.title.ilike(inside), number)


def _lot_columns() -> Any:
    first = (
        select(Picture.digest)
        .where(Picture.lot_id == Lot.id)
        .order_by(Picture.position, Picture.id)
        .limit(1)
        .scalar_subquery()
    )
    pictures = select(func.count()).where(Picture.lot_id == Lot.id).scalar_subquery()
    return (
        select(
            Lot.id, Lot.sale_id, Lot.number, Lot.suffix, Lot.title, Lot.maker, Lot.estimate_low,
            Lot.estimate_high, Lot.opening, Lot.reserve, Lot.withdrawn_at, LotState.status,
            LotState.price, LotState.bid_count, LotState.starts_at, LotState.ends_at,
            LotState.scheduled_ends_at, LotState.outcome, LotState.reserve_met, LotState.asking,
            LotState.version, LotState.format, LotState.pieces,
            Client.name.label("leader"), Client.id.label("leader_id"), Registration.paddle,
            first.label("digest"), pictures.label("pictures"),
        )
        .outerjoin(LotState, LotState.lot_id == Lot.id)
        .outerjoin(Client, Client.id == LotState.leader_client_id)
        .outerjoin(
            Registration,
            (Registration.sale_id == Lot.sale_id) & (Registration.client_id == Client.id),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The lots before and after one, by number."""

    before: int | None
    after: int | None


def neighbours(session: Session, lot: Lot) -> Neighbours:
    """Return the identities of the lots beside a lot in its sale."""
    here = (lot.number, lot.suffix)
    key = tuple_(Lot.number, Lot.suffix)
    base = select(Lot.id).where(Lot.sale_id == lot.sale_id).limit(1)
    before = base.where(key < here).order_by(Lot.number.desc(), Lot.suffix.desc())
    after = base.where(key > here).order_by(Lot.number, Lot.suffix)
    return Neighbours(session.scalar(before), session.scalar(after))


def next_number(session: Session, sale_id: int) -> int:
    """Return the number after the highest of a sale."""
    highest = session.scalar(select(func.max(Lot.number)).where(Lot.sale_id == sale_id))
    return (highest or 0) + 1


def conditions_choices(session: Session) -> list[Any]:
    """Return published conditions, the latest first, for a choice."""
    query = select(Conditions).where(Conditions.published_at.is_not(None))
    found = session.scalars(query.order_by(Conditions.version.desc())).all()
    return [choice(entry.id, f"{entry.version} · {entry.title}") for entry in found]


def room_figures(session: Session, sale_id: int) -> Any:
    """Return a sale's totals; the hammer total counts what reached its reserve."""
    shares = select(func.sum(AwardRow.price * AwardRow.pieces))
    shares = shares.where(AwardRow.lot_id == LotState.lot_id)
    in_all = func.coalesce(shares.scalar_subquery(), LotState.price * LotState.pieces)
    reached = case((LotState.reserve_met, in_all), else_=0)
    query = select(
        func.count().label("lots"),
        func.count().filter(LotState.bid_count > 0).label("with_bid"),
        func.count().filter(LotState.status == "open").label("open"),
        func.coalesce(func.sum(LotState.bid_count), 0).label("bids"),
        func.coalesce(func.sum(in_all), 0).label("bid_total"),
        func.coalesce(func.sum(reached), 0).label("hammer_total"),
    ).where(LotState.sale_id == sale_id)
    return session.execute(query).one()
