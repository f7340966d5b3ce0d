"""The first screen in the morning: what runs, what waits, what is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.bidding.models import LedgerEntry, LotState
from auctionhouse.catalogue.models import Lot, Picture
from auctionhouse.manage.queries import sales as sale_queries
from auctionhouse.members.models import Client
from auctionhouse.registrations.models import Registration

LATEST_BIDS = 12


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the whole house."""

    waiting: int
    lots_open: int
    lots_with_bid: int
    without_picture: int
    clients: int


def figures(session: Session) -> Figures:
    """Count what staff look at first."""
    pictured = select(Picture.id).where(Picture.lot_id == Lot.id).exists()
    counts = (
        select(func.count()).select_from(Registration).where(Registration.state == "pending"),
        select(func.count()).select_from(LotState).where(LotState.status == "open"),
        select(func.count())
        .select_from(LotState)
        .where(LotState.status == "open", LotState.bid_count > 0),
        select(func.count()).select_from(Lot).where(Lot.withdrawn_at.is_(None), ~pictured),
        select(func.count()).select_from(Client),
    )
    row = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return Figures(*row)


def current_sales(session: Session) -> Sequence[Any]:
    """Return the sales that are being built, shown or run."""
    return [row for row in sale_queries.sales(session) if row.state in {"draft", "published"}]


def latest_bids(session: Session, sale_id: int | None = None) -> Sequence[Any]:
    """Return the last submissions of clients, the latest first; maxima stay sealed."""
    query = (
        select(
            LedgerEntry.at, LedgerEntry.placed_by_member_id, Client.name, Client.member_id,
            Lot.id, Lot.number, Lot.suffix, Lot.title, Lot.sale_id, LotState.price,
            Registration.paddle,
        )
        .join(Lot, Lot.id == LedgerEntry.lot_id)
        .join(LotState, LotState.lot_id == Lot.id)
        .join(Client, Client.id == LedgerEntry.client_id)
        .outerjoin(
            Registration,
            (Registration.sale_id == Lot.sale_id) & (Registration.client_id == Client.id),
        )
        .where(LedgerEntry.maximum.is_not(None))
        .order_by(LedgerEntry.at.desc(), LedgerEntry.sequence.desc())
        .limit(LATEST_BIDS)
    )  # fmt: skip
    if sale_id is not None:
        query = query.where(Lot.sale_id == sale_id)
    return session.execute(query).all()
