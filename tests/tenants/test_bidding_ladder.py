"""The ladder of allowed amounts, and the asking price as the least amount that is taken."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.rules import State, Terms, decide

UPWARDS = ((0, 1), (10, 3), (40, 5), (100, 10))
bands = st.lists(
    st.tuples(st.integers(1, 300), st.integers(1, 40)), max_size=4, unique_by=lambda band: band[0]
).map(lambda rest: ((0, 7), *sorted(rest)))
ladders = st.builds(
    Terms,
    increments=bands,
    opening=st.integers(1, 60),
    bound=st.sampled_from(["exclusive", "inclusive"]),
)
anything = st.builds(
    Terms,
    increments=bands,
    opening=st.integers(1, 60),
    bound=st.sampled_from(["exclusive", "inclusive"]),
    pricing=st.sampled_from(["to_maximum", "ladder"]),
    off_ladder=st.sampled_from(["accept", "round_down"]),
    reserve=st.none() | st.integers(60, 300),
    below_reserve=st.sampled_from(["normal", "full_max"]),
)
stories = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 500)), max_size=15)


@given(ladders, st.integers(1, 500))
def test_the_ladder_is_climbed_step_by_step(terms: Terms, amount: int) -> None:
    rung = terms.opening
    while rung + terms.step_at(rung) <= amount:
        rung += terms.step_at(rung)
    assert terms.on_ladder(amount) == rung


@pytest.mark.parametrize(
    ("bound", "amount", "rung"),
    [("exclusive", 30, 28), ("inclusive", 30, 29), ("inclusive", 10, 10), ("inclusive", 47, 46)],
)
def test_a_ladder_crosses_its_bands(bound: str, amount: int, rung: int) -> None:
    terms = Terms(UPWARDS, opening=1, bound=bound)  # type: ignore[arg-type]
    assert terms.on_ladder(amount) == rung


def after(terms: Terms, story: list[tuple[str, int]]) -> State:
    state = State(opens_at=0, ends_at=10, scheduled_ends_at=10)
    for who, maximum in story:
        state = decide(terms, state, who, maximum, 1).state
    return state


@given(anything, stories)
def test_the_asking_price_is_the_least_a_newcomer_can_offer(
    terms: Terms, story: list[tuple[str, int]]
) -> None:
    state = after(terms, story)
    asking = state.asking(terms)
    assert decide(terms, state, "newcomer", asking, 1).accepted
    assert not decide(terms, state, "newcomer", asking - 1, 1).accepted


@given(anything, stories, st.integers(1, 500))
def test_rounding_down_takes_less_than_a_step(
    terms: Terms, story: list[tuple[str, int]], offered: int
) -> None:
    rounding = replace(terms, off_ladder="round_down")
    state = after(rounding, story)
    decision = decide(rounding, state, "newcomer", offered, 1)
    assert decision.maximum <= offered < decision.maximum + rounding.step_at(decision.maximum)


def test_amounts_are_rounded_on_the_ladder_that_starts_at_the_asking_price() -> None:
    """A reserve may lie between two rungs; the steps above it count from there."""
    terms = Terms(((0, 10),), opening=100, reserve=255, off_ladder="round_down")
    state = after(terms, [("A", 300)])
    assert (state.price, state.asking(terms)) == (255, 265)
    assert decide(terms, state, "B", 265, 1).maximum == 265
    assert decide(terms, state, "B", 283, 1).maximum == 275


def test_a_maximum_shown_in_full_stays_on_the_ladder() -> None:
    terms = Terms(((0, 10),), opening=100, reserve=500, below_reserve="full_max", pricing="ladder")
    assert after(terms, [("A", 187)]).price == 180
