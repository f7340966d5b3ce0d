"""Many at once, retries, races with the hammer, and connections that die."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from auctionhouse.bidding import errors
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.closing import close_lot
from auctionhouse.bidding.gathering import Gathering
from auctionhouse.bidding.hot_lot import hold
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.rules import State, decide
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel import prepared
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak)


def all_at_once(*tasks: Callable[[], object]) -> list[object]:
    """Start tasks together in threads; return their answers or refusals in the tasks' order."""
    answers: list[object] = [None] * len(tasks)
    start = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], object]) -> None:
        start.wait(60)
        try:
            answers[place] = task()
        except errors.BidRefused as refusal:
            answers[place] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def submit(connection: Connection, floor: Floor, bidder: int, maximum: int) -> BidResult:
    client, member = floor.sale.bidders[bidder]
    return place_bid(
        connection, lot_id=floor.sale.lots[0], client_id=client, placed_by_member_id=member,
        maximum=maximum, token=uuid4(),
    )  # fmt: skip


def test_many_at_once_lose_nothing(floor: Floor) -> None:
    def series(bidder: int) -> list[object]:
        taken: list[object] = []
        for step in range(10):
            try:
                taken.append(floor.bid(bidder, 2000 + bidder * 1000 + step * 3000))
            except errors.BidRefused:
                taken.append(None)
        return taken

    answers = all_at_once(*(lambda n=n: series(n) for n in range(3)))
    taken = [one for many in answers if isinstance(many, list) for one in many if one]
    kinds = floor.entries()
    assert len(taken) >= 10
    assert kinds.count("bid") + kinds.count("raise") == len(taken) == floor.state().bid_count
    with floor.database.house_connection(floor.house) as connection:
        held = hold(connection, floor.sale.lots[0])
    assert held.state.maximum == 2000 + 2 * 1000 + 9 * 3000


def replayed(floor: Floor) -> State:
    """Decide every submission in a lot's ledger again, in its order and at its time."""
    with floor.database.house_connection(floor.house) as connection:
        lot = hold(connection, floor.sale.lots[0])
        query = text(
            "SELECT client_id, maximum, at FROM ledger_entry"
            " WHERE lot_id = :lot AND kind IN ('bid', 'raise') ORDER BY sequence"
        )
        rows = connection.execute(query, {"lot": floor.sale.lots[0]}).all()
    end = lot.state.scheduled_ends_at
    state = State(lot.state.opens_at, end, end, reserve_met=lot.terms.reserve is None)
    for row in rows:
        maximum = lot.book.open(row.maximum)
        assert maximum is not None
        decision = decide(lot.terms, state, row.client_id, maximum, microseconds(row.at))
        assert decision.accepted
        state = decision.state
    assert state == lot.state
    return state


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"own_raise": "tops_up", "pricing": "ladder", "off_ladder": "round_down"},
        {"below_reserve": "full_max", "soft_close": {"window_s": 7200, "extend_s": 7200}},
    ],
)
def test_the_ledger_replayed_gives_the_stored_state(
    database: Database, oak: House, terms: dict[str, Any]
) -> None:
    increments = [[0, 100], [2000, 250], [5000, 700]]
    floor = make_floor(database, oak, reserve=7100, terms={"increments": increments, **terms})
    chance = random.Random(7)  # noqa: S311 - the same story each time

    def story() -> int:
        taken = 0
        for _ in range(12):
            try:
                floor.bid(chance.randrange(3), floor.state().asking + chance.randrange(-99, 900))
            except errors.BidRefused:
                continue
            taken += 1
        return taken

    answers = all_at_once(story, story)
    assert replayed(floor).bids == sum(int(str(answer)) for answer in answers)


def test_one_token_sent_many_times_at_once_is_one_bid(floor: Floor) -> None:
    token = uuid4()
    answers = all_at_once(*([lambda: floor.bid(0, 5000, token=token)] * 6))
    assert all(isinstance(answer, BidResult) for answer in answers)
    assert sorted(answer.repeated for answer in answers if isinstance(answer, BidResult)) == [
        False, True, True, True, True, True,
    ]  # fmt: skip
    assert floor.entries() == ["opened", "bid"]


def test_one_token_at_once_on_two_lots_is_one_bid(database: Database, oak: House) -> None:
    """Two lots share no lock: both read that the token is new."""
    floor = make_floor(database, oak, lots=2)
    token, client = uuid4(), floor.sale.bidders[0]
    second: list[object] = []

    def on_the_other_lot() -> None:
        try:
            second.append(floor.bid(0, 5000, token=token, lot=1))
        except errors.TokenReused:
            second.append("refused")

    with database.house_connection(oak) as connection:
        place_bid(
            connection, lot_id=floor.sale.lots[0], client_id=client[0],
            placed_by_member_id=client[1], maximum=5000, token=token,
        )  # fmt: skip
        other = threading.Thread(target=on_the_other_lot)
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(60)
    assert second == ["refused"]
    assert (floor.entries(), floor.entries(1)) == (["opened", "bid"], ["opened"])


def test_equal_maxima_at_once_are_decided_by_arrival(floor: Floor) -> None:
    answers = all_at_once(*(lambda n=n: floor.bid(n, 5000) for n in range(3)))
    sequences = {
        answer.sequence: answer.you_lead for answer in answers if isinstance(answer, BidResult)
    }
    assert sequences.pop(2)
    assert not any(sequences.values())
    assert floor.state().price == 5000


@contextmanager
def held(floor: Floor) -> Iterator[Connection]:
    """Hold the lot as a bid or the hammer does."""
    with floor.database.house_connection(floor.house) as connection:
        hold(connection, floor.sale.lots[0])
        yield connection


def test_a_bid_that_waited_past_the_end_is_late(database: Database, oak: House) -> None:
    """The clock is read once the lot is held, not when the bid was sent."""
    floor = make_floor(database, oak, lasts=timedelta(milliseconds=600))
    with held(floor):
        answers: list[object] = []
        waiting = threading.Thread(
            target=lambda: answers.extend(all_at_once(lambda: floor.bid(0, 5000)))
        )
        waiting.start()
        waiting.join(0.9)
        assert waiting.is_alive()
    waiting.join(60)
    assert [type(answer) for answer in answers] == [errors.LotClosed]
    assert floor.entries() == ["opened"]


@pytest.mark.parametrize("attempt", range(5))
def test_bids_and_the_hammer_meet_at_the_end(database: Database, oak: House, attempt: int) -> None:
    """Whoever gets the row first is first: no bid is accepted after the hammer, none is lost."""
    floor = make_floor(database, oak, lasts=timedelta(milliseconds=150))

    def bids() -> list[BidResult]:
        taken, maximum = [], 1000
        while True:
            try:
                taken.append(floor.bid(maximum // 1000 % 2, maximum))
            except errors.LotClosed:
                return taken
            maximum += 1000

    def hammer() -> str:
        while True:
            with database.house_connection(oak) as connection:
                outcome = close_lot(connection, floor.sale.lots[0])
            if outcome is not None:
                return outcome

    taken, outcome = all_at_once(bids, hammer)
    assert isinstance(taken, list)
    assert outcome == ("sold" if taken else "unsold")
    kinds = floor.entries()
    assert kinds[-1] == ("hammer" if taken else "unsold")
    assert kinds.count("bid") == len(taken)
    assert floor.state().price == (taken[-1].price if taken else None)


def cut(connection: Connection) -> None:
    """Let the server end a connection, as when its process or the web's is killed."""
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    raw = connection.engine.raw_connection()
    raw.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    raw.close()


def test_an_acknowledged_bid_outlives_the_process_and_an_unfinished_one_leaves_nothing(
    floor: Floor, database: Database, oak: House
) -> None:
    token = uuid4()
    floor.bid(0, 5000, token=token)
    with pytest.raises(DBAPIError), database.house_connection(oak) as connection:
        submit(connection, floor, 1, 9000)
        cut(connection)
        connection.execute(text("SELECT 1"))
    assert floor.entries() == ["opened", "bid"]
    assert floor.bid(0, 5000, token=token).repeated
    assert floor.bid(1, 9000).you_lead


class Counting:
    """A cursor that counts what it sends."""

    def __init__(self, cursor: Any, sent: list[str]) -> None:
        self._cursor = cursor
        self._sent = sent

    def execute(self, statement: str, *values: Any) -> None:
        self._sent.append(statement)
        self._cursor.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what the write path sends, a string a round trip."""
    strings: list[str] = []
    real = prepared._cursor
    monkeypatch.setattr(prepared, "_cursor", lambda connection: Counting(real(connection), strings))
    return strings


def test_a_bid_is_read_in_one_round_trip_and_written_in_one(floor: Floor, sent: list[str]) -> None:
    """With the opening of the transaction and its commit that makes four."""
    floor.bid(0, 5000)
    assert len(sent) == 2


def test_a_gathered_bid_is_two_round_trips_in_all_and_planned_once(
    floor: Floor, sent: list[str]
) -> None:
    gathering = Gathering(floor.database)
    client, member = floor.sale.bidders[0]
    for maximum in (5000, 6000):
        submission = Submission(client, member, maximum, uuid4())
        gathering.place(floor.house, floor.sale.lots[0], submission)
    *_first, read, written = sent
    assert len(sent) == 4
    assert read.startswith("BEGIN; ")
    assert written.endswith("; COMMIT")
    assert "SELECT" not in read + written
