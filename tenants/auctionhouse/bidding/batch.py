"""Submissions being decided together on one held lot, and the answer each of them gets.

The formats fill it, each in its own way; operations.py makes it and writes what it holds.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency, format_amount


@dataclass(frozen=True, slots=True)
class BidResult:
    """What an accepted bid led to; amounts in minor units, time in UTC."""

    outcome: str
    price: int | None
    asking: int
    ends_at: Any
    reserve_met: bool
    you_lead: bool
    sequence: int
    repeated: bool = False
    raised: bool = False
    """Whether who led already raised their own maximum."""

    nth: int | None = None
    """Which of the bidder's own on this lot it is, where nobody may learn of other bids."""


Answer = BidResult | DomainError


@dataclass(slots=True)
class Batch:
    """Submissions being decided together on a lot that is held, and what they led to so far.

    The end is the one before the first of them; taken are the accepted ones by token with their
    sequences; members, standings and the price at which a leader was passed are by client, the
    latest counting.
    """

    connection: Connection | Session
    lot: HotLot
    ended: int
    answers: list[Answer] = field(default_factory=list)
    taken: dict[UUID, tuple[Submission, int]] = field(default_factory=dict)
    members: dict[int, int | None] = field(default_factory=dict)
    standings: dict[int, str] = field(default_factory=dict)
    passed: dict[int, int | None] = field(default_factory=dict)
    extended: bool = False
    memory: Any = None
    """What a format keeps in mind from one submission to the next."""


def announce_standing(lot: HotLot, member_id: int | None, standing: str) -> None:
    """Announce a standing to a member's own channel; a client without an account has none."""
    if member_id is None:
        return
    payload = {
        "type": "standing",
        "lot": lot.lot_id,
        "standing": standing,
        "price": lot.state.price,
        "number": lot.row["number"],
        "reference": lot.row["reference"],
    }
    lot.announce(f"member:{member_id}", payload)


def shown(lot: HotLot, amount: int, locale: str) -> str:
    """Write an amount in the lot's currency for whoever is answered."""
    return format_amount(amount, currency(lot.row["currency"]), locale)
