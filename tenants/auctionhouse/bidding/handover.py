"""A lot that goes to somebody otherwise than by the hammer: its state, its entry, who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import HotLot, Private, bound, salted, write
from auctionhouse.bidding.ledger import marks
from auctionhouse.bidding.lot_offers import lapse_offers
from auctionhouse.bidding.rules import State


@dataclass(frozen=True, slots=True)
class Sold:
    """To whom a held lot goes, who entered it, and under which kind of entry.

    The mail is the one the buyer gets; further members of the entry are public.
    """

    kind: str
    client_id: int
    placed_by: int
    mail: str
    token: UUID | None = None
    public: Mapping[str, Any] = field(default_factory=dict)


def sell(connection: Connection | Session, lot: HotLot, after: State, sold: Sold) -> int:
    """Put a held lot into the state of being sold and write it; returns the entry's sequence."""
    before = lot.state.leader if lot.status == "open" else None
    lot.status, lot.outcome, lot.state = "closed", "sold", after
    lapse_offers(connection, lot)
    sequence = _enter(lot, sold)
    lot.announce_state()
    if before is not None and before != sold.client_id:
        lot.enqueue(
            "bidding.bid_notice", name="bought_by_another", lot=lot.lot_id, client=int(before),
            price=after.price, notice="",
        )  # fmt: skip
    lot.enqueue("bidding.closed_mails", lot=lot.lot_id, mail=sold.mail)
    lot.enqueue("collecting.late_buyer", sale=lot.row["sale_id"])
    write(connection, lot, last=True)
    return sequence


def _enter(lot: HotLot, sold: Sold) -> int:
    secret, _hidden = salted("marks", None)
    bidder = lot.extra[6]
    told = marks(
        bytes(lot.row["secret"]), placed_by=sold.placed_by, staff=sold.placed_by != bidder,
        house=False,
    )  # fmt: skip
    public = {
        "who": lot.name_of(sold.client_id),
        "marks": bound(secret, "marks", told),
        **sold.public,
        **lot.shown(),
    }
    kept = Private(sold.client_id, sold.placed_by, lot.state.price, token=sold.token, salt=secret)
    return lot.enter(sold.kind, public, kept)
