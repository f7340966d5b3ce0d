"""Sales, lots and people for tests, made by the house's own operations."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from auctionhouse.catalogue import operations
from auctionhouse.catalogue.details import LotDetails, SaleDetails
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.members.models import Client, Member
from auctionhouse.members.operations import create_member
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession

TERMS = {
    "increments": [[0, 1000], [10000, 2000]],
    "soft_close": {"window_s": 180, "extend_s": 180, "from": "bid", "edge": True},
}


def make_bidder(session: HouseSession) -> tuple[Member, Client]:
    """Return a confirmed member and their client record."""
    name = f"p{secrets.token_hex(4)}"
    member = create_member(
        session, email=f"{name}@example.com", name=name.title(), password_hash=None
    )
    return member, session.scalars(select(Client).where(Client.member_id == member.id)).one()


def make_client(session: HouseSession, name: str = "Telephone Bidder") -> Client:
    """Return a client without an account."""
    client = Client(name=name)
    session.add(client)
    session.flush()
    return client


def sale_details(session: HouseSession, **changes: Any) -> SaleDetails:
    """Return a sale that began an hour ago and closes tomorrow, with fresh conditions."""
    now = database_now(session).replace(second=0, microsecond=0)
    if "conditions_id" not in changes:
        changes["conditions_id"] = operations.publish_conditions(
            session, "Conditions of sale", "Pay and collect.", actor=None
        ).id
    values: dict[str, Any] = {
        "reference": f"sale-{secrets.token_hex(4)}",
        "title": "Spring paintings",
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=1),
        "terms": TERMS,
        **changes,
    }
    return SaleDetails(**values)


def lot_details(number: int = 1, **changes: Any) -> LotDetails:
    """Return a lot with an estimate of 100 to 200."""
    values: dict[str, Any] = {
        "number": number,
        "title": f"View of a river, {number}",
        "opening": 5000,
        "estimate_low": 10000,
        "estimate_high": 20000,
        **changes,
    }
    return LotDetails(**values)


def make_sale(session: HouseSession, *, lots: int = 2, **changes: Any) -> Sale:
    """Return a draft with lots."""
    sale = operations.create_sale(
        session, sale_details(session, **changes), currency="GBP", actor=None
    )
    for number in range(1, lots + 1):
        make_lot(session, sale, number)
    return sale


def make_lot(session: HouseSession, sale: Sale, number: int = 1, **changes: Any) -> Lot:
    """Return a new lot of a sale."""
    return operations.create_lot(session, sale.id, lot_details(number, **changes), actor=None)


def make_published_sale(
    session: HouseSession, *, lots: int = 2, first: LotDetails | None = None, **changes: Any
) -> Sale:
    """Return a sale that is open for bidding, with a first lot of one's own if given."""
    sale = make_sale(session, lots=lots, **changes)
    if first is not None:
        operations.create_lot(session, sale.id, first, actor=None)
    return operations.publish_sale(session, sale.id, actor=None)
