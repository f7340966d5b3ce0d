"""Deciding a lot again from what remains of its bids: pure, and the same rules."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.redecide import Lowered, NewReserve, Submission, redecide
from auctionhouse.bidding.retraction_rules import HOUR, MINUTE, OwnBid, may_go
from auctionhouse.bidding.rules import SoftClose, State, Terms, decide, replace_reserve

TENS = Terms(increments=((0, 10),), opening=10)
START = State(opens_at=0, ends_at=1000, scheduled_ends_at=1000, reserve_met=True)
BANDS = ((0, 1), (20, 5), (100, 10))

terms_of = st.builds(
    Terms,
    increments=st.just(BANDS),
    opening=st.integers(1, 30),
    pricing=st.sampled_from(["to_maximum", "ladder"]),
    own_raise=st.sampled_from(["keeps", "tops_up"]),
    off_ladder=st.sampled_from(["accept", "round_down"]),
    below_reserve=st.sampled_from(["normal", "full_max"]),
    reserve=st.none() | st.integers(40, 120),
)
stories = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60)), max_size=12)


def played(terms: Terms, story: list[tuple[int, int]]) -> tuple[State, list[Submission]]:
    """Play bids of so much above the asking price; return the state and what was accepted."""
    state = State(0, 1000, 1000, reserve_met=terms.reserve is None)
    taken = []
    for sequence, (who, above) in enumerate(story, start=2):
        maximum = state.asking(terms) + above
        decision = decide(terms, state, who, maximum, 5)
        if decision.accepted:
            taken.append(Submission(sequence, who, maximum))
        state = decision.state
    return state, taken


@given(terms_of, stories)
def test_with_nothing_cancelled_it_is_what_it_was(
    terms: Terms, story: list[tuple[int, int]]
) -> None:
    state, taken = played(terms, story)
    assert redecide(terms, state, taken, ()) == state


@given(terms_of, stories, st.data())
def test_what_remains_is_decided_as_if_the_others_had_never_been(
    terms: Terms, story: list[tuple[int, int]], data: st.DataObject
) -> None:
    state, taken = played(terms, story)
    gone = data.draw(st.sets(st.sampled_from([bid.sequence for bid in taken] or [0])))
    again = redecide(terms, state, taken, gone)
    left = [bid for bid in taken if bid.sequence not in gone]
    assert again == redecide(terms, state, left, ())
    assert again.bids == len(left)
    if not left:
        assert again.price is None
        return
    assert again.price is not None
    # Without a raise that left the price alone, a full step above the second may show.
    full_step = (again.second or 0) + terms.step_at(again.second or 0)
    assert terms.opening <= again.price <= max(state.price or 0, full_step)
    assert again.price <= (again.maximum or 0)
    assert again.leader in {bid.who for bid in left}
    assert again.reserve_met == (terms.reserve is None or again.price >= terms.reserve)
    assert (again.ends_at, again.scheduled_ends_at) == (state.ends_at, state.scheduled_ends_at)


def bids(*pairs: tuple[int, int]) -> list[Any]:
    return [Submission(sequence, *pair) for sequence, pair in enumerate(pairs, start=2)]


def test_the_one_before_leads_again_at_the_price_of_what_remains() -> None:
    story = bids((1, 100), (2, 200), (3, 50), (2, 300))
    state = redecide(TENS, START, story, {3, 5})
    assert (state.leader, state.price, state.maximum, state.bids) == (1, 60, 100, 2)


def test_an_end_that_was_extended_stays() -> None:
    soft = Terms(((0, 10),), 10, soft_close=SoftClose(window=100, extension=100))
    moved = State(0, 1090, 1000, leader=2, price=20, maximum=50, second=10, bids=2)
    assert redecide(soft, moved, bids((1, 10), (2, 50)), {3}).ends_at == 1090


def test_a_lowered_maximum_counts_from_there_on_and_before() -> None:
    story = [*bids((1, 100), (2, 500)), Lowered(4, 2, 110), Submission(5, 3, 400)]
    state = redecide(TENS, START, story, ())
    assert (state.leader, state.price) == (3, 120)
    assert redecide(TENS, START, story[:3], ()).maximum == 110


def test_a_reserve_that_was_lowered_on_the_way_counts_where_it_stood() -> None:
    full = Terms(((0, 10),), 10, reserve=100, below_reserve="full_max")
    story = [*bids((1, 50)), NewReserve(3, 40), Submission(4, 2, 70)]
    assert redecide(full, START, story, ()).price == 60
    assert redecide(full, START, story[:2], ()).price == 50
    lowered, state = replace_reserve(full, decide(full, START, 1, 50, 5).state, 40)
    assert decide(lowered, state, 2, 70, 5).state.price == 60


def test_early_all_own_bids_may_go_and_late_only_the_last_for_a_while() -> None:
    own = [OwnBid(3, 0), OwnBid(7, 80 * HOUR)]
    rule = {"ends_at": 100 * HOUR, "hours": 12, "minutes": 60}
    assert may_go(own, now=88 * HOUR, **rule) == [3, 7]
    assert may_go(own, now=88 * HOUR + 1, **rule) == []
    late = [*own, OwnBid(9, 90 * HOUR)]
    assert may_go(late, now=90 * HOUR + 60 * MINUTE, **rule) == [9]
    assert may_go(late, now=90 * HOUR + 60 * MINUTE + 1, **rule) == []
    assert may_go(late, now=90 * HOUR, ends_at=100 * HOUR, hours=12, minutes=0) == []
    assert may_go([], now=0, **rule) == []
