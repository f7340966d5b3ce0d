"""Lots sold by a falling clock: taken at its price, by whoever holds the lot first."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import errors, published
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.checked import check_sale
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.conduct import (
    ChangeRefused,
    change_opening,
    change_reserve,
    pause_sale,
    resume_sale,
    withdraw_lot,
)
from auctionhouse.bidding.dutch.refusals import (
    ClockAbove,
    ClockNotStarted,
    ClockPassed,
    TakingStays,
    TooFewLeft,
)
from auctionhouse.bidding.guard_errors import OverSpending
from auctionhouse.bidding.limits import held_by, set_limits
from auctionhouse.bidding.queries import explain, lot_history
from auctionhouse.bidding.reopening import reopen_lot
from auctionhouse.invoicing.operations import make_proformas
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.clocks import clock_floor, dutch, pieces_floor, since_begin
from factories.floor import Floor, make_floor
from factories.invoices import make_entity
from factories.ledgers import downloaded, findings, forged, verdicts, wrong


def shares(floor: Floor) -> list[tuple[int, int, int]]:
    clients = [client for client, _member in floor.sale.bidders]
    query = text("SELECT client_id, pieces, price FROM award WHERE lot_id = :lot ORDER BY place")
    with floor.database.house_connection(floor.house) as connection:
        rows = connection.execute(query, {"lot": floor.sale.lots[0]}).all()
    return [(clients.index(row.client_id), row.pieces, row.price) for row in rows]


def test_who_takes_first_has_the_lot_at_the_clocks_price(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak)
    taken = floor.bid(0, 9000)
    assert (taken.outcome, taken.price) == ("taken", 6000), "never more than the clock shows"
    state = floor.state()
    assert (state.status, state.outcome, state.price) == ("closed", "sold", 6000)
    assert state.leader_client_id == floor.sale.bidders[0][0]
    with pytest.raises(errors.LotClosed):
        floor.bid(1, 9000)
    assert floor.entries() == ["opened", "taking", "hammer"]


def test_refusals_say_what_the_clock_shows(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak, minutes=-5)
    with pytest.raises(ClockNotStarted) as early:
        floor.bid(0, 9000)
    assert "It starts at £90" in early.value.message()
    since_begin(floor, 3.5)
    with pytest.raises(ClockAbove) as above:
        floor.bid(0, 5999)
    assert "still was £60" in above.value.message()
    since_begin(floor, 9.1)
    with pytest.raises(ClockPassed):
        floor.bid(0, 9000)
    assert floor.entries() == ["opened"]


def test_a_retry_takes_nothing_more_and_tells_the_same(database: Database, oak: House) -> None:
    floor = pieces_floor(database, oak)
    token = uuid4()
    first = floor.bid(0, 6000, pieces=3, token=token)
    floor.bid(1, 6000, pieces=2)
    since_begin(floor, 5.5)
    floor.bid(1, 6000, pieces=2)
    again = floor.bid(0, 6000, pieces=3, token=token)
    assert (again.repeated, again.sequence, again.price) == (True, first.sequence, 6000)
    with pytest.raises(errors.TokenReused):
        floor.bid(0, 6000, pieces=4, token=token)
    assert shares(floor) == [(0, 3, 6000), (1, 2, 6000), (1, 2, 4000)]


def test_pieces_go_to_who_takes_them_until_they_are_gone(database: Database, oak: House) -> None:
    floor = pieces_floor(database, oak)
    floor.bid(0, 9000, pieces=5)
    since_begin(floor, 6.5)
    with pytest.raises(TooFewLeft) as refused:
        floor.bid(1, 9000, pieces=8)
    assert "Only 7 pieces are left" in refused.value.message()
    floor.bid(1, 3000, pieces=4)
    assert (floor.state().status, floor.state().bid_count) == ("open", 2)
    floor.bid(2, 3000, pieces=3)
    assert shares(floor) == [(0, 5, 6000), (1, 4, 3000), (2, 3, 3000)]
    assert (floor.state().outcome, floor.state().price) == ("sold", 3000)
    with database.house_session(oak) as session:
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
        history = [(line.amount, line.pieces) for line in lot_history(session, floor.sale.lots[0])]
        make_entity(session)
        made = make_proformas(session, floor.sale.sale_id, actor=None)
        assert sorted(invoice.total for invoice in made) == [9000, 12_000, 30_000]
        session.rollback()
    assert "falls from £90 by £10 every 60 seconds, down to £10" in said[0]
    assert "took 5 pieces at the clock’s price, £60 each: £300." in said[1]
    assert said[-1].startswith("The pieces are sold: ")
    assert history == [(3000, 3), (3000, 4), (6000, 5)]


@pytest.mark.parametrize("taken", [0, 5])
def test_the_clocks_end_sells_what_was_taken_and_nothing_else(
    database: Database, oak: House, taken: int
) -> None:
    floor = pieces_floor(database, oak)
    if taken:
        floor.bid(0, 9000, pieces=taken)
    floor.end()
    close_due(database, oak)
    assert floor.state().outcome == ("sold" if taken else "unsold")
    assert shares(floor) == ([(0, 5, 6000)] if taken else [])
    assert wrong(downloaded(floor)) == []


def test_below_its_reserve_the_clock_stops_and_the_lot_passes(
    database: Database, oak: House
) -> None:
    """Seen to fail with the end of the clock alone looked at."""
    floor = clock_floor(database, oak, minutes=3.9, reserve=6000)
    close_due(database, oak)
    assert floor.state().status == "open", "at £60 it may still be had"
    since_begin(floor, 4.1)
    with pytest.raises(ClockPassed):
        floor.bid(0, 9000)
    close_due(database, oak)
    assert (floor.state().status, floor.state().outcome) == ("closed", "unsold")
    assert floor.entries()[-1] == "unsold"


def test_that_a_reserve_stopped_the_clock_is_checked_as_far_as_it_is_told(
    database: Database, oak: House
) -> None:
    """Seen to fail with the lot's end left where the clock would have ended."""
    floor = clock_floor(database, oak, minutes=4.1, reserve=6000)
    close_due(database, oak)
    with database.house_session(oak) as session:
        public = findings(published.download(session, floor.sale.lots[0]))
    assert [one.verdict for one in public if one.verdict != "proved"] == ["open"]
    assert any("a reserve that stays closed" in one.text for one in public)
    with database.house_session(oak) as session:
        (told,) = check_sale(session, floor.sale.sale_id)
    assert told.holds, list(told.sentences())
    assert any("so it stopped" in one.text for one in told.findings)
    assert floor.ends_at() <= floor.state().last_at


def test_a_pause_stops_the_clock_where_it_stands(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak)
    sale = floor.sale.sale_id
    with database.house_session(oak) as session, session.begin():
        pause_sale(session, sale, notice="A moment.", actor=None)
    with pytest.raises(errors.SalePaused):
        floor.bid(0, 9000)
    # Two minutes of pause: without them the clock would show £40.
    floor.run("UPDATE sale SET paused_at = paused_at - interval '2 minutes' WHERE id = :sale",
              sale=sale)  # fmt: skip
    floor.run("UPDATE lot_state SET ends_at = ends_at - interval '2 minutes',"
              " scheduled_ends_at = scheduled_ends_at - interval '2 minutes'"
              " WHERE sale_id = :sale", sale=sale)  # fmt: skip
    with database.house_session(oak) as session, session.begin():
        resume_sale(session, sale, notice="On we go.", actor=None)
    assert floor.bid(0, 9000).price == 6000


def test_a_bidders_own_limit_counts_all_that_was_taken(database: Database, oak: House) -> None:
    """Seen to fail with the lot's earlier takings left out, as a new bid replaces an old one."""
    floor = pieces_floor(database, oak)
    client, member = floor.sale.bidders[0]
    with database.house_session(oak) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=30_000, choices=[], actor=member)
    floor.bid(0, 6000, pieces=3)
    with pytest.raises(OverSpending):
        floor.bid(0, 6000, pieces=3)
    floor.bid(0, 6000, pieces=2)
    with database.house_connection(oak) as connection:
        assert held_by(connection, floor.sale.sale_id, client) == {floor.sale.lots[0]: 30_000}


def test_two_who_take_the_last_piece_at_once_are_served_one(database: Database, oak: House) -> None:
    """Two connections, many rounds: one gets it, the other is told so, nothing is sold twice."""
    for _round in range(6):
        floor = pieces_floor(database, oak, 3)
        floor.bid(2, 9000, pieces=2)
        ready, answers = threading.Barrier(2), list[BidResult | DomainError]()

        def take(
            bidder: int, floor: Floor = floor, ready: Any = ready, said: Any = answers
        ) -> None:
            ready.wait()
            try:
                said.append(floor.bid(bidder, 9000))
            except DomainError as refusal:
                said.append(refusal)

        takers = [threading.Thread(target=take, args=(bidder,)) for bidder in (0, 1)]
        for taker in takers:
            taker.start()
        for taker in takers:
            taker.join()
        assert sum(isinstance(one, BidResult) for one in answers) == 1
        assert sum(isinstance(one, errors.LotClosed | TooFewLeft) for one in answers) == 1
        assert sum(pieces for _who, pieces, _price in shares(floor)) == 3
        assert floor.entries() == ["opened", "taking", "taking", "hammer"]


def test_limits_count_what_was_taken_before(database: Database, oak: House) -> None:
    """Seen to fail with each taking looked at alone."""
    floor = clock_floor(database, oak, terms=dutch(bid_for="piece", bid_limit=30_000), quantity=12)
    floor.bid(0, 6000, pieces=3)
    floor.bid(0, 6000, pieces=2)
    with pytest.raises(errors.OverLimit):
        floor.bid(0, 6000, pieces=1)


def test_a_taking_is_a_sale_that_nothing_takes_back(database: Database, oak: House) -> None:
    floor = pieces_floor(database, oak)
    floor.bid(0, 6000, pieces=3)
    lot, member = floor.sale.lots[0], floor.sale.bidders[0][1]
    with database.house_session(oak) as session, session.begin(), pytest.raises(TakingStays):
        withdraw_lot(session, lot, notice="Gone.", actor=member)
    floor.bid(1, 6000, pieces=9)
    with database.house_session(oak) as session, pytest.raises(TakingStays):
        at = database_now(session) + timedelta(hours=1)
        reopen_lot(session, lot, ends_at=at, notice="Again.", actor=member)


def test_a_clock_that_passed_runs_again_until_a_new_end(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak)
    floor.end()
    close_due(database, oak)
    with database.house_session(oak) as session, session.begin():
        at = database_now(session) + timedelta(minutes=5.5)
        reopen_lot(session, floor.sale.lots[0], ends_at=at, notice="Again.", actor=None)
    assert floor.bid(0, 9000).price == 6000


def test_while_the_clock_falls_its_amounts_stay(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak, reserve=2000)
    lot = floor.sale.lots[0]
    with database.house_session(oak) as session, pytest.raises(ChangeRefused):
        change_opening(session, lot, opening=500, actor=None)
    with database.house_session(oak) as session, pytest.raises(ChangeRefused):
        change_reserve(session, lot, reserve=3000, actor=None)
    with database.house_session(oak) as session, session.begin():
        change_reserve(session, lot, reserve=None, actor=None)
    since_begin(floor, 8.5)
    close_due(database, oak)
    assert floor.bid(0, 9000).price == 1000, "without a reserve it falls to the lowest"


def test_the_verifier_counts_the_clock_again(database: Database, oak: House) -> None:
    floor = pieces_floor(database, oak)
    floor.bid(0, 9000, pieces=5)
    floor.bid(1, 9000, pieces=7)
    ledger = downloaded(floor)
    assert verdicts(ledger) == {"proved"}
    with database.house_session(oak) as session:
        assert [lot.differences for lot in check_sale(session, floor.sale.sale_id)] == [[]]

    def dearer(payload: dict[str, Any]) -> None:
        payload["amount"] += 1000

    def more(payload: dict[str, Any]) -> None:
        payload["taken"] += 9

    def other(payload: dict[str, Any]) -> None:
        payload["awards"].reverse()

    def to_zero(payload: dict[str, Any]) -> None:
        payload["terms"]["clock"]["step"] = payload["terms"]["clock"]["start"]

    assert any("does not fall from its start" in said for said in wrong(forged(ledger, 1, to_zero)))
    assert any("the clock showed" in said for said in wrong(forged(ledger, 2, dearer)))
    assert any("were left" in said for said in wrong(forged(ledger, 2, more)))
    assert any("did not go to who took" in said for said in wrong(forged(ledger, 4, other)))


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ({"start": 9000, "step": 9000, "every_s": 60}, "sale_terms"),
        ({"start": 9000, "step": 0, "every_s": 60}, "sale_terms"),
        ({"start": 9000, "step": 1000, "every_s": 0}, "sale_terms"),
        ({"step": 1000, "every_s": 60}, "sale_terms"),
    ],
)
def test_the_database_refuses_a_clock_that_would_fall_below_zero(
    database: Database, oak: House, clock: dict[str, int], said: str
) -> None:
    floor = make_floor(database, oak)
    with pytest.raises(IntegrityError, match=said):
        floor.run(
            "UPDATE sale SET terms = jsonb_set(terms, '{clock}', CAST(:clock AS jsonb))"
            " WHERE id = :sale",
            sale=floor.sale.sale_id, clock=str(clock).replace("'", '"'),
        )  # fmt: skip


def test_the_database_keeps_a_clock_above_the_lowest_price(database: Database, oak: House) -> None:
    floor = clock_floor(database, oak)
    lot = floor.sale.lots[0]
    with pytest.raises(IntegrityError, match="lot_state_clock"):
        floor.run("UPDATE lot_state SET price = 999 WHERE lot_id = :lot", lot=lot)
    for start, step in ((1000, 1), (2000, 1500)):
        own = f'{{"clock": {{"start": {start}, "step": {step}, "every_s": 9}}}}'
        with pytest.raises(IntegrityError, match="lot_clock"):
            floor.run(
                "UPDATE lot SET terms = CAST(:own AS jsonb) WHERE id = :lot", lot=lot, own=own
            )
