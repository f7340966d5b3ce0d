"""Bids that meet at a lot: decided together as if they had come one by one, each for itself."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from auctionhouse.bidding import errors
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.gathering import Gathering
from auctionhouse.bidding.hot_lot import hold
from auctionhouse.bidding.operations import place_bids, place_where_free
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError, Unavailable
from auctionxchange.kernel.money import AmountInvalid
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

Answers = list[BidResult | DomainError]
PATIENCE_SECONDS = 60
_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak)


def offer(floor: Floor, bidder: int, maximum: int, token: UUID | None = None) -> Submission:
    client, member = floor.sale.bidders[bidder]
    return Submission(client, member, maximum, token or uuid4())


def together(floor: Floor, *submissions: Submission, lot: int = 0) -> Answers:
    with floor.database.house_connection(floor.house) as connection:
        return place_bids(connection, floor.sale.lots[lot], submissions)


def one_by_one(floor: Floor, *submissions: Submission, lot: int = 0) -> Answers:
    return [answer for one in submissions for answer in together(floor, one, lot=lot)]


def told(answer: BidResult | DomainError) -> Any:
    """Return what a bidder learns, but for the end: that one depends on the moment."""
    if isinstance(answer, DomainError):
        return type(answer), answer.fields
    return replace(answer, ends_at=None)


LINES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 12).map(lambda steps: steps * 500),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=9,
)
"""Bidder, maximum, and one of a few tokens, so that some come twice."""


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=LINES, cuts=st.lists(st.integers(1, 4), max_size=9))
def test_together_is_as_one_by_one(
    database: Database, oak: House, line: list[tuple[int, int, int]], cuts: list[int]
) -> None:
    """Two equal lots get the same bids, one in batches: answers, states and entries are equal."""
    soft = {"window_s": 7200, "extend_s": 7200, "from": "end", "cap_s": 20000}
    terms = {"increments": [[0, 500], [3000, 1000]], "soft_close": soft}
    floor = make_floor(database, oak, lots=2, reserve=3500, terms=terms)
    tokens = [[uuid4() for _ in range(6)] for _lot in range(2)]
    first, second = (
        [offer(floor, who, maximum, tokens[lot][token]) for who, maximum, token in line]
        for lot in range(2)
    )
    singly = one_by_one(floor, *first, lot=0)
    batched: Answers = []
    while len(batched) < len(second):
        size = cuts.pop() if cuts else len(second)
        batched += together(floor, *second[len(batched) : len(batched) + size], lot=1)
    assert [told(answer) for answer in batched] == [told(answer) for answer in singly]
    assert floor.entries(0) == floor.entries(1)
    assert stored(floor, 0) == stored(floor, 1)


def stored(floor: Floor, lot: int) -> dict[str, Any]:
    """Return a lot's state, but for what names the lot, its moments and its transactions."""
    own = {"lot_id", "secret", "chain_head", "last_at", "version", "maximum", "second_maximum"}
    return {key: value for key, value in floor.state(lot)._asdict().items() if key not in own}


def test_a_batch_is_answered_in_its_order(floor: Floor) -> None:
    answers = together(floor, offer(floor, 0, 5000), offer(floor, 1, 5000), offer(floor, 2, 5000))
    first, second, third = answers
    assert isinstance(first, BidResult)
    assert (first.you_lead, first.price) == (True, 1000)
    assert isinstance(second, BidResult)
    assert (second.you_lead, second.price) == (False, 5000)
    assert isinstance(third, errors.BidTooLow)
    assert third.fields["minimum"] == 6000


def test_bad_bids_harm_no_other(floor: Floor) -> None:
    stranger = Submission(999_999, 1, 9000, uuid4())
    answers = together(
        floor, offer(floor, 0, 0), stranger, offer(floor, 0, 5000), offer(floor, 1, 1),
        offer(floor, 0, 5000), offer(floor, 1, 9000),
    )  # fmt: skip
    assert [type(answer) for answer in answers] == [
        AmountInvalid, errors.NotRegistered, BidResult, errors.BidTooLow, errors.NotARaise,
        BidResult,
    ]  # fmt: skip
    assert floor.entries() == ["opened", "bid", "bid"]


def test_refusals_alone_write_nothing(floor: Floor) -> None:
    before = floor.state()
    together(floor, offer(floor, 0, 1), offer(floor, 1, 2))
    assert floor.state() == before


def test_a_token_twice_in_a_batch_is_one_bid_of_one_amount(floor: Floor) -> None:
    token = uuid4()
    first, again, other, stranger = together(
        floor, offer(floor, 0, 5000, token), offer(floor, 0, 5000, token),
        offer(floor, 0, 6000, token), offer(floor, 1, 5000, token),
    )  # fmt: skip
    assert isinstance(first, BidResult)
    assert isinstance(again, BidResult)
    assert (again.repeated, again.sequence) == (True, first.sequence)
    assert isinstance(other, errors.TokenReused)
    assert isinstance(stranger, errors.TokenReused)
    assert floor.entries() == ["opened", "bid"]


def test_a_token_refused_in_a_batch_may_come_again_in_it(floor: Floor) -> None:
    token = uuid4()
    low, enough = together(floor, offer(floor, 0, 1, token), offer(floor, 0, 5000, token))
    assert isinstance(low, errors.BidTooLow)
    assert isinstance(enough, BidResult)


def test_an_extension_in_a_batch_moves_the_lots_that_close_together(
    database: Database, oak: House
) -> None:
    soft = {"window_s": 7200, "extend_s": 600, "from": "end", "scope": "cascade"}
    terms = {"increments": [[0, 500]], "soft_close": soft}
    floor = make_floor(database, oak, lots=2, terms=terms)
    ends = floor.ends_at(0), floor.ends_at(1)
    together(floor, offer(floor, 0, 5000), offer(floor, 1, 9000))
    assert (floor.ends_at(0), floor.ends_at(1)) == tuple(
        end + timedelta(minutes=20) for end in ends
    )


class Gate:
    """Decides as the operations do, the first time only once the gate is opened."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.entered, self.opened = threading.Event(), threading.Event()
        self.fault: Exception | None = None

    def free(
        self, connection: Connection, asked: Mapping[int, Sequence[Submission]]
    ) -> dict[int, Answers]:
        self._pass(sum(map(len, asked.values())))
        return place_where_free(connection, asked)

    def one(self, connection: Connection, lot: int, submissions: Sequence[Submission]) -> Answers:
        self._pass(len(submissions))
        return place_bids(connection, lot, submissions)

    def _pass(self, size: int) -> None:
        self.sizes.append(size)
        if len(self.sizes) == 1:
            self.entered.set()
            assert self.opened.wait(PATIENCE_SECONDS)
        elif self.fault is not None:
            raise self.fault


class Crowd:
    """Threads that bid through one gathering: the first is at the lot, the others stand in line."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.gate = Gate()
        self.gathering = Gathering(floor.database, free=self.gate.free, one=self.gate.one)
        self.answers: dict[int, BidResult | BaseException] = {}
        self._threads: list[threading.Thread] = []

    def bid(self, submission: Submission, lot: int = 0) -> None:
        """Let one more thread come and stand where it must before the next may."""
        place = len(self._threads)
        lot = self.floor.sale.lots[lot]

        def run() -> None:
            try:
                self.answers[place] = self.gathering.place(self.floor.house, lot, submission)
            except (DomainError, RuntimeError, psycopg2.Error) as error:
                self.answers[place] = error

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()
        if place == 0:
            assert self.gate.entered.wait(PATIENCE_SECONDS)
        while place and self.gathering.waiting(self.floor.house) < place:
            thread.join(0.001)

    def decided(self) -> list[BidResult | BaseException]:
        """Open the gate and return the answers in the order of arrival."""
        self.gate.opened.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        return [self.answers[place] for place in range(len(self._threads))]


def test_who_waits_at_a_lot_is_decided_together_in_order_of_arrival(floor: Floor) -> None:
    crowd = Crowd(floor)
    for bidder, maximum in ((0, 3000), (1, 9000), (2, 9000), (0, 1), (0, 20000)):
        crowd.bid(offer(floor, bidder, maximum))
    taken = crowd.decided()
    assert crowd.gate.sizes == [1, 4]
    assert isinstance(taken[3], errors.BidTooLow)
    results = [answer for answer in taken if isinstance(answer, BidResult)]
    assert [answer.you_lead for answer in results] == [True, True, False, True]
    assert [answer.sequence for answer in results] == sorted(answer.sequence for answer in results)
    assert floor.state().bid_count == 4


def test_a_bid_that_spoils_the_transaction_spoils_only_itself(
    database: Database, oak: House
) -> None:
    """A token that came at the same moment for another lot is met only by the index."""
    floor = make_floor(database, oak, lots=2)
    crowd = Crowd(floor)
    token = uuid4()
    crowd.bid(offer(floor, 0, 3000))
    crowd.bid(offer(floor, 1, 9000))
    crowd.bid(offer(floor, 2, 20000, token))
    with database.house_connection(oak) as connection:
        place_bids(connection, floor.sale.lots[1], [offer(floor, 2, 20000, token)])
        crowd.gate.opened.set()
        while not connection.execute(_WAITING).scalar_one():
            pass
    first, second, third = crowd.decided()
    assert isinstance(first, BidResult)
    assert isinstance(second, BidResult)
    assert isinstance(third, errors.TokenReused)
    assert crowd.gate.sizes == [1, 2, 2]
    assert floor.state().bid_count == 2


@pytest.mark.parametrize(
    ("fault", "tries"),
    [(psycopg2.OperationalError("gone"), [1, 2]), (RuntimeError("defect"), [1, 2, 2, 1, 1])],
)
def test_a_failed_transaction_answers_everybody_and_the_line_goes_on(
    floor: Floor, fault: Exception, tries: list[int]
) -> None:
    crowd = Crowd(floor)
    crowd.gate.fault = fault
    for bidder in range(3):
        crowd.bid(offer(floor, bidder, 3000 + bidder * 3000))
    first, *others = crowd.decided()
    assert isinstance(first, BidResult)
    assert [told_of(answer) for answer in others] == [fault, fault]
    assert crowd.gate.sizes == tries
    crowd.gate.fault = None
    after = crowd.gathering.place(floor.house, floor.sale.lots[0], offer(floor, 1, 9000))
    assert after.you_lead


def test_bids_on_several_lots_share_a_transaction(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, lots=3)
    crowd = Crowd(floor)
    for bidder, maximum, lot in ((0, 3000, 0), (1, 9000, 1), (2, 1, 2), (0, 4000, 1)):
        crowd.bid(offer(floor, bidder, maximum), lot)
    first, second, third, fourth = crowd.decided()
    assert crowd.gate.sizes == [1, 3]
    assert isinstance(first, BidResult)
    assert isinstance(second, BidResult)
    assert isinstance(third, errors.BidTooLow)
    assert isinstance(fourth, BidResult)
    assert (second.you_lead, fourth.you_lead, fourth.price) == (True, False, 5000)
    assert [floor.entries(lot) for lot in range(3)] == [
        ["opened", "bid"], ["opened", "bid", "bid", "automatic"], ["opened"],
    ]  # fmt: skip


def test_a_lot_that_is_held_keeps_no_other_waiting(database: Database, oak: House) -> None:
    floor = make_floor(database, oak, lots=2)
    crowd = Crowd(floor)
    crowd.bid(offer(floor, 0, 3000), 1)
    with database.house_connection(oak) as connection:
        hold(connection, floor.sale.lots[0])
        crowd.bid(offer(floor, 0, 5000), 0)
        crowd.bid(offer(floor, 1, 9000), 1)
        crowd.bid(offer(floor, 1, 9000), 0)
        crowd.gate.opened.set()
        while not {0, 2} <= crowd.answers.keys():
            pass
        assert crowd.answers.keys() == {0, 2}
    _first, held, _other, later = crowd.decided()
    assert isinstance(held, BidResult)
    assert isinstance(later, BidResult)
    assert (held.you_lead, later.you_lead) == (True, True)
    assert held.sequence < later.sequence
    assert crowd.gate.sizes == [1, 3, 2]
    assert crowd.gathering.lines == 0


def test_lots_that_close_together_are_decided_one_at_a_time(database: Database, oak: House) -> None:
    soft = {"window_s": 7200, "extend_s": 600, "from": "end", "scope": "cascade"}
    terms = {"increments": [[0, 500]], "soft_close": soft}
    floor = make_floor(database, oak, lots=2, terms=terms)
    gathering = Gathering(database)
    ends = floor.ends_at(0), floor.ends_at(1)
    gathering.place(oak, floor.sale.lots[0], offer(floor, 0, 5000))
    gathering.place(oak, floor.sale.lots[0], offer(floor, 1, 9000))
    assert (floor.ends_at(0), floor.ends_at(1)) == tuple(
        end + timedelta(minutes=20) for end in ends
    )


def told_of(answer: BidResult | BaseException) -> BaseException | None:
    """Return what failed: behind Unavailable where the database is out of reach."""
    assert isinstance(answer, BaseException)
    return answer.__cause__ if isinstance(answer, Unavailable) else answer


def test_nothing_is_kept_of_a_line_that_is_empty(floor: Floor) -> None:
    gathering = Gathering(floor.database)
    lot = floor.sale.lots[0]
    gathering.place(floor.house, lot, offer(floor, 0, 5000))
    with pytest.raises(errors.BidTooLow):
        gathering.place(floor.house, lot, offer(floor, 1, 1))
    assert gathering.waiting(floor.house) == 0
    assert gathering.lines == 0


class Broken:
    """A desk that fails when it is told."""

    def answered(self, told: Sequence[tuple[Any, Any]]) -> None:
        raise RuntimeError(told)


def test_a_desk_that_fails_stops_no_line(floor: Floor) -> None:
    """Seen to fail without the guard around a desk: the line's thread ended, the line stayed."""
    gathering = Gathering(floor.database)
    lot = floor.sale.lots[0]
    gathering.hand_in(floor.house, lot, offer(floor, 0, 3000), Broken())
    assert gathering.place(floor.house, lot, offer(floor, 1, 9000)).you_lead
    assert floor.entries() == ["opened", "bid", "bid"]
