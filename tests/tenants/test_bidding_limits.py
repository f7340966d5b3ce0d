"""Limits a bidder sets for a whole sale hold, whatever else happens at the same moment."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from auctionhouse.bidding import guard_errors, retraction
from auctionhouse.bidding.errors import OverLimit
from auctionhouse.bidding.exposure import Limits, chosen_instead, exposure, room
from auctionhouse.bidding.gathering import Gathering
from auctionhouse.bidding.limits import held_by, limits_of, set_limits
from auctionhouse.bidding.operations import place_bid, place_where_free
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import AmountInvalid
from auctionxchange.tenancy.house import House
from factories.floor import Floor, make_floor

amounts = st.dictionaries(st.integers(1, 6), st.integers(1, 100), max_size=6)
choices = st.dictionaries(st.integers(1, 6), st.integers(1, 2), max_size=6)


@given(amounts, choices)
def test_what_is_led_counts_once_and_a_choice_with_its_dearest(
    held: dict[int, int], linked: dict[int, int]
) -> None:
    limits = Limits(1000, linked)
    alone = sum(amount for lot, amount in held.items() if lot not in linked)
    each = [
        [amount for lot, amount in held.items() if linked.get(lot) == choice] for choice in (1, 2)
    ]
    assert exposure(limits, held) == alone + sum(max(some, default=0) for some in each)


@given(amounts, choices, st.integers(1, 6), st.integers(1, 400))
def test_a_bid_within_the_room_keeps_the_limit(
    held: dict[int, int], linked: dict[int, int], lot: int, spending: int
) -> None:
    limits = Limits(spending, linked)
    left = room(limits, held, lot)
    assert left is not None
    if left and chosen_instead(limits, held, lot) is None:
        assert exposure(limits, {**held, lot: left}) == spending


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Four lots of one sale, from which bids may be taken back."""
    terms = {"increments": [[0, 1000]], "soft_close": None, "retraction": "allowed"}
    return make_floor(database, oak, lots=4, terms=terms, lasts=timedelta(days=2))


def bind(floor: Floor, bidder: int, spending: int | None, *choices: Sequence[str]) -> None:
    client, member = floor.sale.bidders[bidder]
    with floor.database.house_session(floor.house) as session, session.begin():
        set_limits(
            session, floor.sale.sale_id, client, spending=spending, choices=choices, actor=member
        )


def spent(floor: Floor, bidder: int) -> tuple[Limits, dict[int, int]]:
    """Return a bidder's limits and what they lead."""
    client = floor.sale.bidders[bidder][0]
    with floor.database.house_connection(floor.house) as connection:
        limits = limits_of(connection, floor.sale.sale_id, client)
        return limits, held_by(connection, floor.sale.sale_id, client)


def take_back(floor: Floor, bidder: int, lot: int, sequence: int) -> None:
    client, member = floor.sale.bidders[bidder]
    with floor.database.house_session(floor.house) as session, session.begin():
        retraction.retract_bid(
            session, floor.sale.lots[lot], sequence, client_id=client, actor=member, reason="slip"
        )


def test_a_sum_in_all_holds_over_lots_and_being_outbid_frees_it(floor: Floor) -> None:
    bind(floor, 0, 5000)
    floor.bid(0, 3000)
    with pytest.raises(guard_errors.OverSpending) as refused:
        floor.bid(0, 3000, lot=1)
    assert refused.value.fields == {"limit": "£50", "left": "£20"}
    floor.bid(0, 2000, lot=1)
    with pytest.raises(guard_errors.OverSpending):
        floor.bid(0, 4000)
    floor.bid(1, 9000, lot=1)
    floor.bid(0, 5000)
    assert spent(floor, 0)[1] == {floor.sale.lots[0]: 5000}


def test_of_linked_lots_only_one_is_bid_on_at_a_time(floor: Floor) -> None:
    bind(floor, 0, None, ("1", "2"), ("3", "4"))
    floor.bid(0, 3000)
    with pytest.raises(guard_errors.OtherLotLed) as refused:
        floor.bid(0, 3000, lot=1)
    assert refused.value.fields == {"other": "1"}
    floor.bid(0, 4000)
    floor.bid(0, 3000, lot=2)
    floor.bid(1, 9000)
    assert floor.bid(0, 3000, lot=1).you_lead


def test_what_was_bought_counts_with_its_price(floor: Floor) -> None:
    bind(floor, 0, 5000, ("1", "2"))
    floor.bid(0, 4000)
    floor.run(
        "UPDATE lot_state SET status = 'closed', outcome = 'sold' WHERE lot_id = :lot",
        lot=floor.sale.lots[0],
    )
    with pytest.raises(guard_errors.OtherLotLed):
        floor.bid(0, 1000, lot=1)
    with pytest.raises(guard_errors.OverSpending):
        floor.bid(0, 5000, lot=2)
    assert floor.bid(0, 4000, lot=2).you_lead


def test_limits_that_are_broken_already_are_refused(floor: Floor) -> None:
    floor.bid(0, 3000)
    floor.bid(0, 3000, lot=1)
    with pytest.raises(guard_errors.LimitBelowExposure) as low:
        bind(floor, 0, 5999)
    assert low.value.fields == {"exposure": "£60"}
    with pytest.raises(guard_errors.LotsLedTogether) as together:
        bind(floor, 0, None, ("1", "2", "3"))
    assert together.value.fields == {"lots": "1, 2"}
    bind(floor, 0, 6000, ("2", "3"))
    assert spent(floor, 0)[0].spending == 6000
    bind(floor, 0, None)
    assert spent(floor, 0)[0] == Limits()
    assert floor.bid(0, 90000, lot=2).you_lead


@pytest.mark.parametrize("typed", [("1",), ("1", "1"), ("1", "99"), ("1", "")])
def test_what_is_no_choice_is_refused(floor: Floor, typed: tuple[str, ...]) -> None:
    with pytest.raises(guard_errors.ChoiceInvalid):
        bind(floor, 0, None, typed)
    with pytest.raises(guard_errors.ChoiceInvalid):
        bind(floor, 0, None, ("1", "2"), ("2", "3"))


def test_limits_are_above_zero_and_for_the_registered(floor: Floor) -> None:
    for nothing in (0, -5, 10**16):
        with pytest.raises(AmountInvalid):
            bind(floor, 0, nothing)
    floor.run("DELETE FROM registration WHERE client_id = :c", c=floor.sale.bidders[0][0])
    with pytest.raises(NotFound):
        bind(floor, 0, 5000)
    with pytest.raises(IntegrityError, match="registration_spending"):
        floor.run("UPDATE registration SET spending_limit = 0")


def test_the_sales_limit_holds_for_whoever_has_none_of_their_own(
    database: Database, oak: House
) -> None:
    floor = make_floor(
        database, oak, terms={"increments": [[0, 1000]], "soft_close": None, "bid_limit": 4000}
    )
    with pytest.raises(OverLimit):
        floor.bid(0, 4001)
    floor.run(
        "UPDATE registration SET bid_limit = 9000 WHERE client_id = :client",
        client=floor.sale.bidders[0][0],
    )
    assert floor.bid(0, 9000).you_lead


def test_who_spent_the_money_elsewhere_does_not_lead_again(floor: Floor) -> None:
    """Being outbid freed the sum; the bid that freed it goes, and the old one lapses."""
    bind(floor, 0, 5000)
    floor.bid(0, 2000)
    floor.bid(0, 4000)
    above = floor.bid(1, 9000).sequence
    floor.bid(0, 3000, lot=1)
    take_back(floor, 1, 0, above)
    assert spent(floor, 0)[1] == {floor.sale.lots[0]: 2000, floor.sale.lots[1]: 3000}
    bind(floor, 0, 5000, ("1", "3"))
    above = floor.bid(1, 9000).sequence
    floor.bid(0, 1000, lot=2)
    take_back(floor, 1, 0, above)
    assert floor.state().leader_client_id is None
    assert floor.entries()[-1] == "retraction"


def while_a_bid_is_on_its_way(floor: Floor, act: Callable[[], object]) -> type[Exception] | None:
    """Do an act while a bid of the first bidder on the first lot is not yet committed.

    Returns the refusal; the act must have waited.
    """
    client, member = floor.sale.bidders[0]
    refused: list[type[Exception]] = []

    def waiting() -> None:
        try:
            act()
        except DomainError as refusal:
            refused.append(type(refusal))

    thread = threading.Thread(target=waiting)
    with floor.database.house_connection(floor.house) as connection:
        place_bid(
            connection, lot_id=floor.sale.lots[0], client_id=client, placed_by_member_id=member,
            maximum=4000, token=uuid4(),
        )  # fmt: skip
        thread.start()
        thread.join(0.4)
        assert thread.is_alive()
    thread.join(60)
    return refused[0] if refused else None


def test_two_bids_at_once_keep_the_sum(floor: Floor) -> None:
    """Seen to fail without the registration held before the lot."""
    bind(floor, 0, 5000)
    refused = while_a_bid_is_on_its_way(floor, lambda: floor.bid(0, 4000, lot=1))
    assert refused is guard_errors.OverSpending
    assert spent(floor, 0)[1] == {floor.sale.lots[0]: 4000}


def test_two_bids_at_once_keep_the_choice(floor: Floor) -> None:
    bind(floor, 0, None, ("1", "2"))
    refused = while_a_bid_is_on_its_way(floor, lambda: floor.bid(0, 4000, lot=1))
    assert refused is guard_errors.OtherLotLed


def test_a_limit_waits_for_bids_on_their_way(floor: Floor) -> None:
    """Seen to fail without the lots held while the limit is set."""
    refused = while_a_bid_is_on_its_way(floor, lambda: bind(floor, 0, 3000))
    assert refused is guard_errors.LimitBelowExposure


def test_a_limit_being_set_is_not_overtaken(floor: Floor) -> None:
    """A bid that read no limit and then waited for the lot asks again, and is told to try again."""
    client = floor.sale.bidders[0][0]
    refused: list[type[Exception]] = []

    def late() -> None:
        try:
            floor.bid(0, 9000)
        except DomainError as refusal:
            refused.append(type(refusal))

    thread = threading.Thread(target=late)
    with floor.database.house_session(floor.house) as session, session.begin():
        set_limits(session, floor.sale.sale_id, client, spending=5000, choices=(), actor=1)
        thread.start()
        thread.join(0.4)
        assert thread.is_alive()
    thread.join(60)
    assert refused == [guard_errors.OverSpending]


def test_bids_decided_for_many_lots_at_once_leave_out_who_has_limits(floor: Floor) -> None:
    """Two of the same person in one transaction would not see each other. Seen to fail so."""
    bind(floor, 0, 5000)
    asked = {
        lot: [Submission(client, member, 4000, uuid4())]
        for lot, (client, member) in zip(
            floor.sale.lots, [floor.sale.bidders[0]] * 2 + [floor.sale.bidders[1]], strict=False
        )
    }
    with floor.database.house_connection(floor.house) as connection:
        answers = place_where_free(connection, asked)
    assert list(answers) == [floor.sale.lots[2]]
    gathering = Gathering(floor.database)
    lots = floor.sale.lots[:2]
    assert gathering.place(floor.house, lots[0], asked[lots[0]][0]).you_lead
    with pytest.raises(guard_errors.OverSpending):
        gathering.place(floor.house, lots[1], asked[lots[1]][0])


@dataclass
class Player:
    """One of several bidders who do anything at any time; what broke is kept."""

    floor: Floor
    bidder: int
    chance: random.Random
    last: dict[int, int] = field(default_factory=dict)
    broken: list[Exception] = field(default_factory=list)

    def play(self, moves: int) -> None:
        """Do so many things; refusals are part of the game, a deadlock is not."""
        for _ in range(moves):
            try:
                self._move(self.chance.random(), self.chance.randrange(4))
            except DomainError:
                continue
            except Exception as error:  # noqa: BLE001 - the test tells what
                self.broken.append(error)

    def _move(self, draw: float, lot: int) -> None:
        if draw < 0.15:
            choice = [("1", "2")] if self.chance.random() < 0.5 else []
            bind(self.floor, self.bidder, self.chance.choice([None, 20000, 40000]), *choice)
        elif draw < 0.35 and lot in self.last:
            take_back(self.floor, self.bidder, lot, self.last.pop(lot))
        else:
            maximum = self.floor.state(lot).asking + self.chance.randrange(4) * 2000
            self.last[lot] = self.floor.bid(self.bidder, maximum, lot=lot).sequence


@pytest.mark.parametrize("seed", range(3))
def test_limits_hold_under_any_interleaving(floor: Floor, seed: int) -> None:
    """Bids, limits and retractions of three bidders in three threads, without a deadlock."""
    players = [
        Player(floor, bidder, random.Random(seed * 10 + bidder))  # noqa: S311 - a told story
        for bidder in range(3)
    ]
    threads = [threading.Thread(target=player.play, args=(25,)) for player in players]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [player.broken for player in players] == [[], [], []]
    for bidder in range(3):
        limits, held = spent(floor, bidder)
        assert limits.spending is None or exposure(limits, held) <= limits.spending
        assert not [lot for lot in held if chosen_instead(limits, held, lot) is not None]
    assert all(floor.entries(lot)[0] == "opened" for lot in range(4))
