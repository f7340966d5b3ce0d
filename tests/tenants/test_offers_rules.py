"""What may be done about an offer and by whom, and who bid how much: without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.redecide import Lowered, Submission, redecide
from auctionhouse.bidding.rules import State, Terms, decide
from auctionhouse.bidding.ways import answered_by_rule
from auctionhouse.offers.rules import (
    MAY,
    OFFER_TRANSITIONS,
    OPEN,
    Underbidder,
    acts_of,
    advanced,
    underbidders,
)

START = State(0, 1_000_000, 1_000_000)
TENS = Terms(((0, 10),), opening=100)


def test_what_has_ended_stays_as_it_is() -> None:
    assert OPEN == ("waiting", "with_house", "with_bidder")
    acts = {act for acts in OFFER_TRANSITIONS.values() for act in acts}
    for state in OFFER_TRANSITIONS:
        if state not in OPEN:
            assert [advanced("best", state, act, "clock") for act in acts] == [None] * len(acts)


def test_every_state_is_led_to_and_everything_open_ends_with_its_lot() -> None:
    reached = {state for acts in OFFER_TRANSITIONS.values() for state in acts.values()}
    assert set(OFFER_TRANSITIONS) == reached | {"waiting"}
    assert all(OFFER_TRANSITIONS[state]["lapse"] == "lapsed" for state in OPEN)


@pytest.mark.parametrize(("place", "acts"), MAY.items())
def test_who_may_act_can(place: tuple[str, str], acts: dict[str, str]) -> None:
    kind, state = place
    for act, who in acts.items():
        other = {"house": "bidder", "bidder": "house"}[who]
        assert advanced(kind, state, act, who) is not None  # type: ignore[arg-type]
        assert advanced(kind, state, act, other) is None  # type: ignore[arg-type]


def test_only_a_bidders_own_offer_is_answered_with_another() -> None:
    assert acts_of("best", "with_house", "house") == ["accept", "decline", "counter"]
    assert acts_of("best", "with_house", "bidder") == ["withdraw"]
    assert acts_of("conditional", "with_house", "house") == ["accept", "decline"]
    assert acts_of("conditional", "with_house", "bidder") == []
    assert acts_of("underbidder", "with_bidder", "bidder") == ["accept", "decline"]
    assert acts_of("everybody", "with_bidder", "bidder") == []


@pytest.mark.parametrize(
    ("amount", "accept_from", "decline_below", "answer"),
    [
        (500, None, None, None), (500, 500, None, "accept"), (499, 500, None, None),
        (499, None, 500, "decline"), (500, None, 500, None), (500, 500, 500, "accept"),
        (499, 500, 500, "decline"),
    ],
)  # fmt: skip
def test_a_lots_hidden_bounds_answer_at_once(
    amount: int, accept_from: int | None, decline_below: int | None, answer: str | None
) -> None:
    assert answered_by_rule(amount, accept_from, decline_below) == answer


def ranked(events: list[Submission | Lowered], *out: int) -> list[tuple[int, int]]:
    led = redecide(TENS, START, events, ())
    return [(one.client_id, one.amount) for one in underbidders(events, (), led, out)]


def test_who_was_beaten_counts_with_the_maximum_and_who_led_with_the_price() -> None:
    story: list[Submission | Lowered] = [
        Submission(2, 1, 300), Submission(3, 2, 200), Submission(4, 3, 9000),
    ]  # fmt: skip
    assert ranked(story) == [(3, 310), (1, 300), (2, 200)]
    assert ranked(story, 3) == [(1, 300), (2, 200)]


def test_of_equal_ones_the_earlier_comes_first_and_a_lowered_maximum_counts_as_lowered() -> None:
    story: list[Submission | Lowered] = [
        Submission(2, 1, 300), Submission(3, 2, 300), Lowered(4, 1, 250), Submission(5, 3, 400),
    ]  # fmt: skip
    assert ranked(story) == [(3, 310), (2, 300), (1, 250)]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(50, 2000)), max_size=20))
def test_nobody_is_asked_for_more_than_was_shown_to_all(bids: list[tuple[int, int]]) -> None:
    """The highest amount is the price at the end, whatever its leader would have gone up to."""
    taken: list[Submission | Lowered] = []
    state = START
    for sequence, (who, maximum) in enumerate(bids, start=2):
        decision = decide(TENS, state, who, maximum, sequence)
        if decision.accepted:
            taken.append(Submission(sequence, who, maximum))
            state = decision.state
    found = underbidders(taken, (), state, ())
    assert [one.amount for one in found] == sorted((one.amount for one in found), reverse=True)
    assert all(one.amount <= (state.price or 0) for one in found)
    assert len({one.client_id for one in found}) == len(found)
    assert all(isinstance(one, Underbidder) for one in found)
