"""Lots of a falling clock that are changed, opened again, or sold afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.conduct import ChangeRefused, change_opening, change_pieces
from auctionhouse.bidding.guard_errors import EndInvalid, NoStandingBid, OverSpending
from auctionhouse.bidding.limits import set_limits
from auctionhouse.bidding.operations import place_bids
from auctionhouse.bidding.reopening import correct_result, reopen_lot
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.clocks import LASTS, clock_floor, dutch, pieces_floor
from factories.floor import Floor, make_floor
from factories.offers import Haggle
from factories.proofs import holds, verdicts


def passed(floor: Floor) -> Floor:
    """Let a floor's clock have run down with nobody having taken anything."""
    floor.end()
    close_due(floor.database, floor.house)
    return floor


def correct(floor: Floor, bidder: int | None, price: int | None) -> None:
    client = None if bidder is None else floor.sale.bidders[bidder][0]
    with floor.database.house_session(floor.house) as session, session.begin():
        correct_result(
            session, floor.sale.lots[0], client_id=client, price=price, notice="A mistake.",
            actor=floor.sale.bidders[0][1],
        )  # fmt: skip


def test_afterwards_the_lot_may_be_had_below_the_clocks_lowest_price(
    database: Database, oak: House
) -> None:
    """Seen to fail with the database holding closed lots to their clock's lowest price too."""
    floor = passed(clock_floor(database, oak))
    Haggle(floor).everybody(800)
    assert floor.buy(1, 800).price == 800
    correct(floor, 0, 700)
    assert (floor.state().outcome, floor.state().price) == ("sold", 700)
    assert holds(floor)
    assert "wrong" not in verdicts(floor)


def test_takings_of_one_transaction_keep_to_a_limit_together(
    database: Database, oak: House
) -> None:
    """Seen to fail with what the database knows alone: each looked as if it were the first."""
    floor = pieces_floor(database, oak)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=30_000, choices=[], actor=member)
    twice = [Submission(client, member, 6000, uuid4(), pieces=3) for _ in range(2)]
    with database.house_connection(oak) as connection:
        first, second = place_bids(connection, floor.sale.lots[0], twice)
    assert isinstance(first, BidResult)
    assert isinstance(second, OverSpending)


def test_no_lower_opening_starts_a_clock_half_way_down(database: Database, oak: House) -> None:
    """Seen to fail with the clock looked at before the change alone."""
    floor = clock_floor(database, oak, minutes=-0.5)
    lot = floor.sale.lots[0]
    with database.house_session(oak) as session, pytest.raises(ChangeRefused):
        change_opening(session, lot, opening=500, actor=None)
    with database.house_session(oak) as session, session.begin():
        change_opening(session, lot, opening=2000, actor=None)


def test_while_the_clock_falls_its_pieces_stay(database: Database, oak: House) -> None:
    """Seen to fail with takings looked at alone."""
    floor = pieces_floor(database, oak)
    with database.house_session(oak) as session, pytest.raises(ChangeRefused):
        change_pieces(session, floor.sale.lots[0], quantity=1, actor=None)


def test_no_clock_runs_again_that_is_below_its_reserve_at_once(
    database: Database, oak: House
) -> None:
    """Seen to fail with any end a minute away: the lot passed as soon as it was open."""
    floor = passed(clock_floor(database, oak, reserve=5000))
    lot = floor.sale.lots[0]
    with database.house_session(oak) as session, pytest.raises(EndInvalid):
        at = database_now(session) + timedelta(minutes=2)
        reopen_lot(session, lot, ends_at=at, notice="Again.", actor=None)
    with database.house_session(oak) as session, session.begin():
        at = database_now(session) + LASTS
        reopen_lot(session, lot, ends_at=at, notice="Again.", actor=None)
    assert floor.bid(0, 9000).outcome == "taken"


def test_late_bids_on_other_lots_take_no_clock_back(database: Database, oak: House) -> None:
    """Seen to fail with every open lot of the sale moved: the price rose again."""
    soft = {"window_s": 600, "extend_s": 600, "from": "end", "scope": "cascade"}
    floor = make_floor(
        database, oak, terms={"increments": [[0, 1000]], "soft_close": soft}, lots=3, lasts=LASTS
    )
    clock = str(dutch()).replace("'", '"')
    floor.run(
        "UPDATE lot SET terms = CAST(:own AS jsonb) WHERE id = :lot",
        own=clock, lot=floor.sale.lots[1],
    )  # fmt: skip
    floor.run("UPDATE lot_state SET format = 'dutch' WHERE lot_id = :lot", lot=floor.sale.lots[1])
    before = [floor.ends_at(lot) for lot in range(3)]
    floor.bid(0, 5000)
    moved = [floor.ends_at(lot) > was for lot, was in enumerate(before)]
    assert moved == [True, False, True]


def test_who_sends_again_what_was_undone_is_not_told_that_it_is_theirs(
    database: Database, oak: House
) -> None:
    """Seen to fail with the taking's own entry asked for alone."""
    floor, token = clock_floor(database, oak), uuid4()
    assert floor.bid(0, 6000, token=token).outcome == "taken"
    assert floor.bid(0, 6000, token=token).repeated
    correct(floor, 1, 6000)
    with pytest.raises(NoStandingBid):
        floor.bid(0, 6000, token=token)
    correct(floor, None, None)
    with pytest.raises(NoStandingBid):
        floor.bid(0, 6000, token=token)
