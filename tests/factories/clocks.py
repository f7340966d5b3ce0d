"""Floors whose lots are sold by a falling clock."""

from datetime import timedelta
from typing import Any

from auctionhouse.bidding.dutch.rules import lasts
from auctionhouse.bidding.terms import build_terms
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

CLOCK = {"start": 9000, "step": 1000, "every_s": 60}
"""From £90 to the opening of £10 in eight steps, nine minutes in all."""


def dutch(**more: Any) -> dict[str, Any]:
    return {"format": "dutch", "clock": CLOCK, **more}


LASTS = timedelta(microseconds=lasts(build_terms(dutch(), None, 1000, None)))


def clock_floor(database: Database, house: House, *, minutes: float = 3.5, **more: Any) -> Floor:
    """Return a lot whose clock has run for so many minutes, so that it shows £60 by default."""
    told = {"terms": dutch(), "started": timedelta(hours=1), **more}
    return make_floor(database, house, lasts=LASTS - timedelta(minutes=minutes), **told)


def pieces_floor(database: Database, house: House, quantity: int = 12, **more: Any) -> Floor:
    """Return such a lot whose pieces are taken one by one."""
    return clock_floor(database, house, terms=dutch(bid_for="piece", **more), quantity=quantity)


def since_begin(floor: Floor, minutes: float) -> None:
    """Let the clocks of a floor have begun so many minutes ago, as its ledger does not tell."""
    floor.run(
        "UPDATE lot_state SET ends_at = clock_timestamp() + :left,"
        " scheduled_ends_at = clock_timestamp() + :left WHERE sale_id = :sale",
        sale=floor.sale.sale_id, left=LASTS - timedelta(minutes=minutes),
    )  # fmt: skip
