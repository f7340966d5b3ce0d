"""Lots that close together, moved by each other's bids: no true ledger of them is called wrong."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from auctionhouse.bidding import conduct
from auctionhouse.bidding.terms import SCOPES
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor
from factories.proofs import published_lines, verdicts

LOTS = 4


def do(floor: Floor, act: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    with floor.database.house_session(floor.house) as session, session.begin():
        act(session, *arguments, **options, notice="x", actor=1)


def one_act(floor: Floor, chance: random.Random) -> None:
    """Bid mostly; now and then let one lot end later, or hold the whole sale for a moment."""
    lot, what = chance.randrange(LOTS), chance.random()
    if what < 0.85:
        floor.bid(chance.randrange(3), chance.randrange(1000, 30_000), lot=lot)
    elif what < 0.95:
        end = floor.ends_at(lot) + timedelta(minutes=chance.randrange(1, 300))
        do(floor, conduct.postpone_lot, floor.sale.lots[lot], ends_at=end)
    else:
        do(floor, conduct.pause_sale, floor.sale.sale_id)
        do(floor, conduct.resume_sale, floor.sale.sale_id)


@pytest.mark.parametrize("counted_from", ["bid", "end"])
@pytest.mark.parametrize("scope", SCOPES)
def test_lots_that_move_each_other_hold(
    database: Database, oak: House, scope: str, counted_from: str
) -> None:
    chance = random.Random(f"{scope}{counted_from}")  # noqa: S311 - the same story each time
    for cap in (None, 9000):
        soft = {
            "window_s": 14_400, "extend_s": 7200, "from": counted_from, "edge": True,
            "cap_s": cap, "scope": scope,
        }  # fmt: skip
        terms = {"increments": [[0, 1000]], "soft_close": soft}
        floor = make_floor(database, oak, lots=LOTS, terms=terms)
        for _ in range(25):
            try:
                one_act(floor, chance)
            except DomainError:
                continue
        moved = [line.payload for lot in range(LOTS) for line in published_lines(floor, lot)
                 if "by" in line.payload]  # fmt: skip
        assert bool(moved) == (scope != "lot")
        assert all("wrong" not in verdicts(floor, lot) for lot in range(LOTS))
