"""Release orders as their pages and papers show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Select, Text, column, select, text
from sqlalchemy.orm import Session

from auctionhouse.handover.models import Parcel, ReleaseHold, ReleaseOrder
from auctionhouse.handover.operations import holds_of
from auctionhouse.invoicing.models import Invoice
from auctionxchange.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class OrderLot:
    """A lot of an order and whether it left."""

    lot_id: int
    label: str
    title: str
    location: str
    parcel_id: int | None
    collected_at: datetime | None
    collected_by: str


@dataclass(frozen=True, slots=True)
class ParcelLots:
    """A parcel with its lots."""

    parcel: Parcel
    lots: Sequence[OrderLot]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything an order's page and papers show; holds names what keeps its lots here."""

    order: ReleaseOrder
    invoice: Invoice
    sale_title: str
    seller: dict[str, Any]
    lots: Sequence[OrderLot]
    parcels: Sequence[ParcelLots]
    holds: Sequence[str]

    @property
    def number(self) -> str:
        """Return the order's number as it is printed."""
        return f"R-{self.order.id:05d}"

    @property
    def places(self) -> Mapping[str, str]:
        """Return where each lot stands, by its label."""
        return {lot.label: lot.location for lot in self.lots}

    @property
    def done(self) -> bool:
        """Tell whether every lot left."""
        return all(lot.collected_at for lot in self.lots)


_LOTS = text(
    "SELECT h.lot_id, l.number::text || l.suffix AS label, l.title, l.location, h.parcel_id,"
    " h.collected_at, h.collected_by FROM lot_handover h JOIN lot l ON l.id = h.lot_id"
    " WHERE h.release_order_id = :order ORDER BY l.number, l.suffix"
)
ORDERS = (
    text(
    "SELECT o.id, i.number, i.client_id, coalesce(i.buyer->>'name', '') AS buyer, s.title AS sale,"
    " o.made_at, count(*) AS lots, count(h.collected_at) AS left_here FROM release_order o"
    " JOIN invoice i ON i.id = o.invoice_id JOIN sale s ON s.id = i.sale_id"
    " JOIN lot_handover h ON h.release_order_id = o.id GROUP BY o.id, i.id, s.id"
    )
    .columns(
        column("id", BigInteger), column("number", Text), column("client_id", BigInteger),
        column("buyer", Text), column("sale", Text), column("made_at", DateTime(timezone=True)),
        column("lots", Integer), column("left_here", Integer),
    )
    .subquery("orders")
)  # fmt: skip
"""Every release order with how many lots it has and how many of them left."""


def order_page(session: Session, order_id: int) -> OrderPage:
    """Return an order with all its page shows; raises NotFound."""
    order = session.get(ReleaseOrder, order_id)
    if order is None:
        raise NotFound(order=order_id)
    invoice = session.get_one(Invoice, order.invoice_id)
    lots = [OrderLot(*row) for row in session.execute(_LOTS, {"order": order.id})]
    parcels = session.scalars(
        select(Parcel).where(Parcel.release_order_id == order.id).order_by(Parcel.number)
    )
    title = text("SELECT title FROM sale WHERE id = :sale")
    return OrderPage(
        order=order,
        invoice=invoice,
        sale_title=str(session.scalar(title, {"sale": invoice.sale_id})),
        seller=invoice.seller,
        lots=lots,
        parcels=[
            ParcelLots(parcel, [lot for lot in lots if lot.parcel_id == parcel.id])
            for parcel in parcels
        ],
        holds=holds_of(session, order),
    )


def select_orders() -> Select[Any]:
    """Select the house's release orders, those with lots still here first."""
    return select(ORDERS).order_by(ORDERS.c.lots == ORDERS.c.left_here, ORDERS.c.id.desc())


def standing_holds(session: Session, client_id: int) -> Sequence[ReleaseHold]:
    """Return what holds a client's lots back."""
    query = select(ReleaseHold).where(
        ReleaseHold.client_id == client_id, ReleaseHold.lifted_at.is_(None)
    )
    return session.scalars(query.order_by(ReleaseHold.kind)).all()
