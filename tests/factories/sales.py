"""Sales with lots that are open to bids, made through the ordinary operations."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.conduct import open_sale_lots
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.members.models import Client, Member
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.clock import database_now

STEP_OF_TEN: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None}


@dataclass(frozen=True, slots=True)
class OpenSale:
    """A published sale: its id, its lots' ids in order, and bidders' (client, member) ids."""

    sale_id: int
    lots: list[int]
    bidders: list[tuple[int, int]]


def make_open_sale(
    session: Session,
    *,
    reference: str = "spring",
    lots: int = 1,
    bidders: int = 2,
    terms: dict[str, Any] | None = None,
    opening: int = 1000,
    reserve: int | None = None,
    lasts: timedelta = timedelta(hours=1),
    started: timedelta = timedelta(minutes=1),
    interval: int = 0,
    currency: str = "GBP",
    **lot: Any,
) -> OpenSale:
    """Publish a sale with equal lots and register bidders for it; more is said of each lot."""
    now = database_now(session)
    sale = Sale(
        reference=reference,
        title=f"Sale {reference}",
        currency=currency,
        starts_at=now - started,
        ends_at=now + lasts,
        state="published",
        published_at=now,
        closing_interval_seconds=interval,
        terms=terms or STEP_OF_TEN,
    )
    session.add(sale)
    session.flush()
    made = [
        Lot(
            sale_id=sale.id,
            number=number,
            title=f"Lot {number}",
            opening=opening,
            reserve=reserve,
            **lot,
        )
        for number in range(1, lots + 1)
    ]
    session.add_all(made)
    session.flush()
    open_sale_lots(session, sale, made)
    people = [add_bidder(session, sale.id, number) for number in range(1, bidders + 1)]
    return OpenSale(sale.id, [lot.id for lot in made], people)


def add_bidder(
    session: Session, sale_id: int, number: int, *, state: str = "approved"
) -> tuple[int, int]:
    """Make a member with a client record, registered for a sale; returns (client, member) ids."""
    name = f"bidder{number}-{sale_id}"
    member = Member(email=f"{name}@example.com", name=name, fs_uniquifier=name)
    session.add(member)
    session.flush()
    client = Client(member_id=member.id, name=name)
    session.add(client)
    session.flush()
    paddle = 100 + number if state == "approved" else None
    session.add(Registration(sale_id=sale_id, client_id=client.id, state=state, paddle=paddle))
    session.flush()
    return client.id, member.id


def end_lots_now(session: Session, sale_id: int) -> None:
    """Move a sale's ends into the past, as if the time had passed."""
    session.execute(
        text(
            "UPDATE lot_state SET ends_at = clock_timestamp() - interval '1 second'"
            " WHERE sale_id = :sale"
        ),
        {"sale": sale_id},
    )
