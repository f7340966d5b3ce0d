"""A running sale with many lots and registered bidders, to measure pages and bids on."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.conduct import open_sale_lots
from auctionhouse.bidding.presets import preset_terms
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.members.operations import create_member
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import currency

NEVER_ASKS = {"confirm_times_asking": 0, "confirm_times_estimate": 0}
"""A benchmark's amounts rise without end; nobody is asked whether they were meant."""


@dataclass(frozen=True, slots=True)
class BenchSale:
    """The sale's reference and ids, and its bidders' addresses and client ids."""

    sale_id: int
    reference: str
    lots: list[int]
    bidders: list[tuple[str, int, int]]
    """Address, client and member of each."""


def make_sale(
    session: Session,
    *,
    lots: int,
    bidders: int = 0,
    password_hash: str | None = None,
    terms: dict[str, Any] | None = None,
) -> BenchSale:
    """Publish a sale and register bidders for it, all with one password."""
    now = database_now(session)
    reference = f"bench-{secrets.token_hex(4)}"
    sale = Sale(
        reference=reference,
        title="A sale to measure",
        currency="GBP",
        state="published",
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(days=2),
        published_at=now,
        terms={**(terms or preset_terms("uk-saleroom", currency("GBP"))), **NEVER_ASKS},
    )
    session.add(sale)
    session.flush()
    made = [_lot(sale.id, number) for number in range(1, lots + 1)]
    session.add_all(made)
    session.flush()
    open_sale_lots(session, sale, made)
    people = [_bidder(session, sale.id, number, password_hash) for number in range(bidders)]
    return BenchSale(sale.id, reference, [lot.id for lot in made], people)


def _lot(sale_id: int, number: int) -> Lot:
    return Lot(
        sale_id=sale_id,
        number=number,
        title=f"View of a harbour at dawn, number {number}",
        maker="Dutch School, 17th century",
        category="Paintings",
        estimate_low=80_000,
        estimate_high=120_000,
        opening=20_000,
    )


def _bidder(
    session: Session, sale_id: int, number: int, password_hash: str | None
) -> tuple[str, int, int]:
    email = f"bench{number}-{sale_id}@example.com"
    member = create_member(
        session, email=email, name=f"Bidder {number}", password_hash=password_hash
    )
    session.flush()
    client_id = _client_of(session, member.id)
    session.add(
        Registration(sale_id=sale_id, client_id=client_id, state="approved", paddle=101 + number)
    )
    session.flush()
    return email, client_id, member.id


def _client_of(session: Session, member_id: int) -> int:
    query = text("SELECT id FROM client WHERE member_id = :member")
    return int(session.execute(query, {"member": member_id}).scalar_one())
