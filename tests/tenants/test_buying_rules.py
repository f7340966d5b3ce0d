"""Lots that are had at once, and lots that miss their reserve: the rules, without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.buying import buy, buy_now_price, conditional_from, result, sold_to
from auctionhouse.bidding.rules import BuyNow, State, Terms, decide
from auctionhouse.bidding.ways import buy_now_limit, way_problem

END = 1_000_000
OPEN = State(0, END, END)
TENS = ((0, 10),)


def terms(price: int = 500, until: int | None = None, **more: Any) -> Terms:
    return Terms(TENS, opening=100, buy_now=BuyNow(price, until), **more)


def after(rules: Terms, *maxima: int) -> State:
    """Return the state after bids of ever another bidder, a moment apart."""
    state = OPEN
    for place, maximum in enumerate(maxima):
        state = decide(rules, state, f"b{place}", maximum, place).state
    return state


def test_it_is_offered_until_the_first_bid() -> None:
    assert buy_now_price(terms(), OPEN) == 500
    assert buy_now_price(terms(), after(terms(), 100)) is None


def test_with_a_limit_it_is_offered_while_the_price_is_below_it() -> None:
    rules = terms(500, until=150)
    assert buy_now_price(rules, after(rules, 100)) == 500
    assert buy_now_price(rules, after(rules, 130, 140)) == 500
    assert buy_now_price(rules, after(rules, 200, 140)) is None


def test_it_is_never_offered_for_less_than_the_next_bid() -> None:
    rules = terms(150, until=1000)
    assert buy_now_price(rules, after(rules, 200, 130)) == 150
    assert buy_now_price(rules, after(rules, 200, 131)) is None


def test_a_lot_without_the_price_cannot_be_bought() -> None:
    decision = buy(Terms(TENS, opening=100), OPEN, "Ann", 5)
    assert (decision.accepted, decision.reason, decision.state) == (False, "not_offered", OPEN)


@pytest.mark.parametrize(("at", "reason"), [(9, "early"), (END, "late"), (END + 1, "late")])
def test_it_is_in_time_as_a_bid_is(at: int, reason: str) -> None:
    decision = buy(terms(), State(10, END, END), "Ann", at)
    assert (decision.accepted, decision.reason) == (False, reason)


def test_who_buys_ends_the_lot_even_over_a_higher_maximum() -> None:
    rules = terms(500, until=400)
    decision = buy(rules, after(rules, 9000), "Ann", 77)
    state = decision.state
    assert (decision.accepted, decision.bought, state.leader, state.price) == (
        True, True, "Ann", 500,
    )  # fmt: skip
    assert (state.maximum, state.ends_at, state.bids, state.reserve_met) == (500, 77, 1, True)
    assert decide(rules, state, "Ben", 9000, 77).reason == "late"
    assert buy(rules, state, "Ben", 78).reason == "late"


def test_a_lot_that_had_ended_keeps_its_end_when_it_is_sold() -> None:
    assert sold_to(terms(), OPEN, "Ann", 300, END + 5).ends_at == END


def test_whether_an_agreed_price_reaches_the_reserve_is_told_truly() -> None:
    rules = terms(500, reserve=300)
    assert not sold_to(rules, OPEN, "Ann", 299, 5).reserve_met
    assert sold_to(rules, OPEN, "Ann", 300, 5).reserve_met


@pytest.mark.parametrize(
    ("share", "maximum", "expected"),
    [(0, 280, "unsold"), (90, 279, "conditional"), (91, 279, "unsold"), (90, 300, "sold")],
)
def test_a_price_near_the_reserve_waits_for_the_seller(
    share: int, maximum: int, expected: str
) -> None:
    rules = Terms(TENS, opening=100, reserve=300, below_reserve="full_max", conditional_share=share)
    state = after(rules, maximum) if maximum >= 300 else after(rules, 270)
    assert result(rules, state) == expected


def test_without_bids_a_lot_is_unsold() -> None:
    rules = Terms(TENS, opening=100, reserve=300, conditional_share=1)
    assert result(rules, State(0, END, END)) == "unsold"
    assert result(Terms(TENS, opening=100), State(0, END, END, reserve_met=True)) == "unsold"


def test_a_share_of_a_reserve_is_rounded_up() -> None:
    assert conditional_from(Terms(TENS, opening=1, conditional_share=90), 333) == 300
    assert conditional_from(Terms(TENS, opening=1, conditional_share=33), 100) == 33


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, None),
        ({"buy_now_until": "low_estimate"}, 800),
        ({"buy_now_until": "high_estimate"}, 1600),
        ({"buy_now_until": "low_estimate", "buy_now_share": 33}, 330),
        ({"buy_now_until": "first_bid", "buy_now_share": 33}, None),
    ],
)
def test_the_limit_is_a_share_of_the_estimate(stored: dict[str, Any], expected: int | None) -> None:
    assert buy_now_limit(stored, 1000, 2000) == expected
    assert buy_now_limit(stored, None, None) is None


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"buy_now_until": "never"}, ("buy_now_until", "choice")),
        ({"offers": None}, ("offers", "choice")),
        ({"buy_now_share": 0}, ("buy_now_share", "share")),
        ({"buy_now_share": 80.5}, ("buy_now_share", "share")),
        ({"conditional_share": 100}, ("conditional_share", "share")),
        ({"conditional_share": True}, ("conditional_share", "share")),
        ({"conditional_share": 99, "buy_now_share": 200, "offers": "every_lot"}, None),
    ],
)
def test_what_cannot_be_sold_by_is_named(stored: dict[str, Any], problem: Any) -> None:
    assert way_problem(stored) == problem


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(50, 900)), max_size=25),
    st.integers(101, 900),
    st.one_of(st.none(), st.integers(1, 900)),
)
def test_bids_and_purchases_sell_a_lot_once_at_most(
    story: list[tuple[bool, int, int]], price: int, until: int | None
) -> None:
    rules = terms(price, until)
    state = OPEN
    bought: list[tuple[int, int]] = []
    for at, (buys, who, maximum) in enumerate(story):
        before = state
        decision = buy(rules, state, who, at) if buys else decide(rules, state, who, maximum, at)
        state = decision.state
        if bought:
            assert not decision.accepted
            assert state == before
        elif decision.bought:
            bought.append((who, at))
            assert state.price == price
            assert state.price >= (before.price or 0)
            assert before.price is None or (until is not None and before.price < until)
    assert len(bought) <= 1
    if bought:
        assert (state.leader, state.price, state.ends_at) == (bought[0][0], price, bought[0][1])
