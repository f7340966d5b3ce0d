"""Lots that close together: the ends that a late bid moves, whoever else is bidding."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding.errors import BidRefused
from auctionhouse.bidding.queries import explain
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

LASTS = timedelta(minutes=3)


def floor_of(database: Database, house: House, scope: str, lots: int = 3) -> Floor:
    soft = {"window_s": 240, "extend_s": 600, "from": "end", "scope": scope}
    terms = {"increments": [[0, 1000]], "soft_close": soft}
    return make_floor(database, house, terms=terms, lots=lots, lasts=LASTS, interval=900)


@pytest.mark.parametrize(
    ("scope", "minutes"),
    [("lot", [0, 10, 0]), ("group", [10, 10, 10]), ("cascade", [0, 10, 10]),
     ("predecessor", [0, 10, 0])],
)  # fmt: skip
def test_a_late_bid_moves_the_lots_that_close_with_it(
    database: Database, oak: House, scope: str, minutes: list[int]
) -> None:
    floor = floor_of(database, oak, scope)
    floor.run(
        "UPDATE lot_state SET ends_at = ends_at - interval '15 minutes' WHERE lot_id = :lot",
        lot=floor.sale.lots[1],
    )
    before = [floor.ends_at(lot) for lot in range(3)]
    floor.bid(0, 5000, lot=1)
    moved = [(floor.ends_at(lot) - was) // LASTS * 3 for lot, was in enumerate(before)]
    assert [bool(minute) for minute in moved] == [bool(minute) for minute in minutes]
    kinds = [floor.entries(lot) for lot in range(3)]
    assert ["extended" in entries for entries in kinds] == [bool(minute) for minute in minutes]


def test_the_others_are_told_why(database: Database, oak: House) -> None:
    floor = floor_of(database, oak, "group")
    floor.bid(0, 5000)
    with database.house_session(oak) as session:
        told = explain(session, floor.sale.lots[2], currency("GBP"), "en")
    assert "Lot 1 was extended" in told[-1]


def test_other_groups_and_lots_that_are_over_stay(database: Database, oak: House) -> None:
    floor = floor_of(database, oak, "group")
    floor.run("UPDATE lot SET closing_group = 'b' WHERE id = :lot", lot=floor.sale.lots[1])
    floor.run(
        "UPDATE lot_state SET ends_at = clock_timestamp() - interval '1 second'"
        " WHERE lot_id = :lot",
        lot=floor.sale.lots[2],
    )
    before = [floor.ends_at(lot) for lot in range(3)]
    floor.bid(0, 5000)
    assert [floor.ends_at(lot) > was for lot, was in enumerate(before)] == [True, False, False]


def test_late_bids_on_many_lots_at_once_never_wait_for_each_other(
    database: Database, oak: House
) -> None:
    """Without the sale's lock first, two of these wait for each other and one fails."""
    floor = floor_of(database, oak, "group", lots=4)
    floor.run(
        "UPDATE lot_state SET ends_at = clock_timestamp() + interval '3 minutes',"
        " scheduled_ends_at = clock_timestamp() + interval '3 minutes' WHERE sale_id = :sale",
        sale=floor.sale.sale_id,
    )
    failed: list[BaseException] = []
    start = threading.Barrier(3)

    def bid(bidder: int) -> None:
        start.wait(60)
        for step in range(1, 9):
            try:
                floor.bid(bidder, step * 3000 + bidder * 1000, lot=(bidder + step) % 4)
            except BidRefused:
                continue
            except Exception as error:  # noqa: BLE001 - told to the test's thread
                failed.append(error)

    threads = [threading.Thread(target=bid, args=(bidder,)) for bidder in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert all(floor.entries(lot) for lot in range(4))


@pytest.mark.parametrize(
    "terms",
    ['{"increments": [[0, 0]]}', '{"increments": []}', '{"increments": [[5, 1]]}',
     '{"increments": [[0, 1], [9, 2], [9, 3]]}', '{"increments": [[0, 1], [9, 2], [8, 3]]}',
     '{"soft_close": {"window_s": 0, "extend_s": 9}}', '{"soft_close": {"window_s": 9}}',
     '{"soft_close": {"window_s": 9, "extend_s": 31536000}}'],
)  # fmt: skip
@pytest.mark.parametrize("table", ["sale", "lot"])
def test_the_database_refuses_terms_nobody_could_sell_by(
    database: Database, oak: House, table: str, terms: str
) -> None:
    floor = make_floor(database, oak)
    key: Any = {"sale": floor.sale.sale_id, "lot": floor.sale.lots[0]}[table]
    with pytest.raises(IntegrityError, match=f"{table}_terms"):
        floor.run(f"UPDATE {table} SET terms = :terms WHERE id = :id", terms=terms, id=key)


def test_the_database_refuses_a_reserve_under_the_opening(database: Database, oak: House) -> None:
    floor = make_floor(database, oak)
    with pytest.raises(IntegrityError, match="lot_reserve_reaches_opening"):
        floor.run("UPDATE lot SET reserve = opening - 1 WHERE id = :id", id=floor.sale.lots[0])
