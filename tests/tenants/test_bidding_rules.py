"""The rules by themselves: published histories, single rules, and properties of any story."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.rules import Decision, SoftClose, State, Terms, decide, replace_reserve

FACTS = Path(__file__).parent / "bidding_facts" / "maxsold.jsonl"
MAXSOLD = ((0, 100), (1000, 300), (4000, 500), (10000, 1000), (100000, 5000))
LOTS = [json.loads(line) for line in FACTS.read_text().splitlines()]
END = 1_000_000


def fresh(ends_at: int = END) -> State:
    return State(opens_at=0, ends_at=ends_at, scheduled_ends_at=ends_at)


def cents(amount: str) -> int:
    return round(float(amount) * 100)


def play(terms: Terms, *bids: tuple[str, int], at: int = 1) -> list[Decision]:
    state, decisions = fresh(), []
    for who, maximum in bids:
        decision = decide(terms, state, who, maximum, at)
        state = decision.state
        decisions.append(decision)
    return decisions


@pytest.mark.parametrize("lot", LOTS, ids=lambda lot: str(lot["lot"]))
def test_every_step_of_a_real_sale_comes_out_as_it_did(lot: dict[str, object]) -> None:
    terms = Terms(MAXSOLD, cents(str(lot["opening"])), bound="inclusive")
    state = fresh()
    submissions = lot["submissions"]
    assert isinstance(submissions, list)
    for at, step in enumerate(submissions):
        decision = decide(terms, state, step["who"], cents(step["max"]), at)
        state = decision.state
        assert decision.accepted
        assert (state.leader, state.price) == (step["leader_after"], cents(step["price_after"]))


TENS = Terms(((0, 10),), opening=100)


def test_the_first_bid_stands_at_the_opening() -> None:
    state = play(TENS, ("A", 500))[-1].state
    assert (state.leader, state.price, state.asking(TENS)) == ("A", 100, 110)


def test_at_a_tie_the_earlier_maximum_leads_at_that_amount() -> None:
    state = play(TENS, ("A", 500), ("B", 500))[-1].state
    assert (state.leader, state.price) == ("A", 500)


def test_a_bid_leaves_alone_whatever_it_does_not_touch() -> None:
    """States are written out field by field: one that was added later is not to be lost."""
    names = [one.name for one in fields(State)]
    values: dict[str, Any] = {name: 1000 + place for place, name in enumerate(names)}
    before = State(**{**values, "leader": "A", "opens_at": 0})
    after = decide(TENS, before, "B", 99_000, 1).state
    touched = {"leader", "price", "maximum", "second", "bids", "reserve_met"}
    for name in set(names) - touched:
        assert getattr(after, name) == getattr(before, name), name


def test_a_raised_maximum_is_later_than_an_equal_one_it_meets() -> None:
    state = play(TENS, ("A", 200), ("B", 300), ("A", 300))[-1].state
    assert (state.leader, state.price) == ("B", 300)


def test_the_price_never_passes_the_leaders_maximum() -> None:
    state = play(TENS, ("A", 500), ("B", 495))[-1].state
    assert (state.leader, state.price) == ("A", 500)


def test_below_the_asking_price_is_refused_and_changes_nothing() -> None:
    first, refused = play(TENS, ("A", 500), ("B", 105))
    assert (refused.accepted, refused.reason, refused.state) == (False, "too_low", first.state)


def test_ones_own_raise_keeps_the_price() -> None:
    state = play(TENS, ("A", 200), ("B", 150), ("A", 900))[-1].state
    assert (state.price, state.maximum) == (160, 900)


def test_ones_own_raise_tops_up_to_a_full_step_where_the_house_says_so() -> None:
    terms = Terms(((0, 10),), opening=100, own_raise="tops_up")
    state = play(terms, ("A", 155), ("B", 150), ("A", 900))[-1].state
    assert state.price == 160


def test_the_leader_offering_no_more_changes_nothing() -> None:
    assert play(TENS, ("A", 200), ("A", 200))[-1].reason == "no_change"


def test_a_maximum_at_the_reserve_jumps_the_price_to_it() -> None:
    terms = Terms(((0, 10),), opening=100, reserve=250)
    state = play(terms, ("A", 250))[-1].state
    assert (state.price, state.reserve_met) == (250, True)


@pytest.mark.parametrize(("shown", "price"), [("normal", 100), ("full_max", 180)])
def test_a_maximum_below_the_reserve(shown: str, price: int) -> None:
    terms = Terms(((0, 10),), opening=100, reserve=250, below_reserve=shown)  # type: ignore[arg-type]
    state = play(terms, ("A", 180))[-1].state
    assert (state.price, state.reserve_met) == (price, False)


def test_a_dropped_reserve_is_met_by_the_price_as_it_stands() -> None:
    terms = Terms(((0, 10),), opening=100, reserve=250)
    _, state = replace_reserve(terms, play(terms, ("A", 180))[-1].state, None)
    assert (state.price, state.reserve_met) == (100, True)


def test_ladder_pricing_shows_only_amounts_of_the_ladder() -> None:
    terms = Terms(((0, 10), (200, 20)), opening=100, pricing="ladder")
    state = play(terms, ("A", 500), ("B", 213))[-1].state
    assert state.price == 220


def test_the_upper_bound_belongs_where_the_terms_say() -> None:
    bands = ((0, 1), (10, 3))
    assert Terms(bands, 1, bound="exclusive").step_at(10) == 3
    assert Terms(bands, 1, bound="inclusive").step_at(10) == 1


@pytest.mark.parametrize(("at", "reason"), [(END, "late"), (END + 5, "late"), (-1, "early")])
def test_outside_its_time_a_bid_is_refused(at: int, reason: str) -> None:
    assert decide(TENS, fresh(), "A", 500, at).reason == reason


@pytest.mark.parametrize(
    ("soft", "at", "ends"),
    [
        (SoftClose(120, 120), END - 121, END),
        (SoftClose(120, 120), END - 120, END),
        (SoftClose(120, 120), END - 60, END + 60),
        (SoftClose(120, 300), END - 120, END + 180),
        (SoftClose(120, 300, edge_counts=False), END - 120, END),
        (SoftClose(120, 300, counted_from="end"), END - 60, END + 300),
        (SoftClose(120, 300, counted_from="end", cap=100), END - 60, END + 100),
        (SoftClose(120, 30), END - 60, END),
    ],
)
def test_soft_close(soft: SoftClose, at: int, ends: int) -> None:
    terms = Terms(((0, 10),), opening=100, soft_close=soft)
    assert decide(terms, fresh(), "A", 500, at).state.ends_at == ends


def test_refused_bids_and_own_raises_do_not_extend() -> None:
    terms = Terms(((0, 10),), opening=100, soft_close=SoftClose(120, 300))
    led = decide(terms, fresh(), "A", 500, 1).state
    assert decide(terms, led, "B", 50, END - 1).state.ends_at == END
    assert decide(terms, led, "A", 900, END - 1).state.ends_at == END


bands = st.lists(
    st.tuples(st.integers(1, 2000), st.integers(1, 50)), max_size=4, unique_by=lambda band: band[0]
).map(lambda rest: ((0, 7), *sorted(rest)))
all_terms = st.builds(
    Terms,
    increments=bands,
    opening=st.integers(1, 300),
    bound=st.sampled_from(["exclusive", "inclusive"]),
    pricing=st.sampled_from(["to_maximum", "ladder"]),
    own_raise=st.sampled_from(["keeps", "tops_up"]),
    off_ladder=st.sampled_from(["accept", "round_down"]),
    reserve=st.none() | st.integers(300, 1500),
    below_reserve=st.sampled_from(["normal", "full_max"]),
    soft_close=st.none() | st.builds(SoftClose, st.integers(1, 500), st.integers(1, 500)),
)
stories = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(1, 3000)), max_size=25)


@given(all_terms, stories)
def test_what_holds_in_any_story(terms: Terms, story: list[tuple[str, int]]) -> None:
    state = fresh()
    for at, (who, maximum) in enumerate(story):
        decision = decide(terms, state, who, maximum, at * 50_000)
        after = decision.state
        if not decision.accepted:
            assert after == state
            continue
        assert after.price is not None
        assert after.maximum is not None
        assert at * 50_000 < state.ends_at
        assert after.price >= (state.price or terms.opening)
        assert after.maximum >= after.price
        assert after.ends_at >= state.ends_at
        assert after.reserve_met == (terms.reserve is None or after.price >= terms.reserve)
        rounded = terms.off_ladder == "round_down"
        earlier_leads = (state.maximum or 0) >= maximum or rounded
        assert after.leader == who or earlier_leads or decision.own_raise
        state = after


@given(all_terms, stories)
def test_the_price_is_at_most_one_step_above_the_second(
    terms: Terms, story: list[tuple[str, int]]
) -> None:
    state = fresh()
    for who, maximum in story:
        state = decide(terms, state, who, maximum, 1).state
        if state.price is None:
            continue
        second = state.second or terms.opening
        ceiling = second + terms.step_at(second)
        if terms.reserve is not None:
            ceiling = max(ceiling, terms.reserve)
        if terms.below_reserve == "full_max" and not state.reserve_met:
            ceiling = max(ceiling, state.maximum or 0)
        assert state.price <= max(ceiling, state.second or 0)
