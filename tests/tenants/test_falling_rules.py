"""A falling clock as pure rules: what it shows, who is served, how stories and ledgers replay."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.dutch.rules import (
    Wish,
    begins_at,
    falls_at,
    lasts,
    passes_before,
    price_at,
    steps_of,
    take,
)
from auctionhouse.bidding.replay import replay_line, replay_lines
from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.selling import Clock
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import SECOND, build_terms, public_terms
from auctionhouse.bidding.verifier.reading import read_terms

END = 10_000_000 * SECOND


def dutch(
    lowest: int = 1000, start: int = 9000, step: int = 1000, every_s: int = 60, **more: Any
) -> Terms:
    return Terms(
        ((0, 1),), opening=lowest, format="dutch", clock=Clock(start, step, every_s * SECOND),
        **more,
    )  # fmt: skip


clocks = st.builds(
    lambda lowest, above, share, every, pieces: dutch(
        lowest, lowest + above, max(above * share // 100, 1), every, pieces=pieces
    ),
    st.integers(1, 10_000), st.integers(1, 10_000), st.integers(1, 100), st.integers(1, 900),
    st.integers(1, 12),
)  # fmt: skip


def test_what_the_clock_shows_and_when() -> None:
    terms = dutch()
    begins = begins_at(terms, END)
    assert (steps_of(terms), lasts(terms)) == (8, 9 * 60 * SECOND)
    shown = [price_at(terms, END, begins + minute * 60 * SECOND) for minute in range(-1, 10)]
    assert shown == [9000, 9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000, 1000, 1000]
    assert price_at(terms, END, begins + 60 * SECOND - 1) == 9000
    assert falls_at(terms, END, begins) == begins + 60 * SECOND
    assert falls_at(terms, END, END - 60 * SECOND) is None
    uneven = dutch(1000, 2500, 1000)
    assert [price_at(uneven, END, begins_at(uneven, END) + n * 60 * SECOND) for n in range(3)] == [
        2500, 1500, 1000,
    ]  # fmt: skip


@given(clocks, st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_the_price_lies_between_lowest_and_start_and_never_rises(
    terms: Terms, before_end: int, later: int
) -> None:
    at = END - before_end
    price = price_at(terms, END, at)
    assert terms.clock is not None
    assert terms.opening <= price <= terms.clock.start
    assert price_at(terms, END, at + later) <= price
    falls = falls_at(terms, END, at)
    if falls is not None:
        assert at < falls <= END
        assert price_at(terms, END, falls - 1) > price_at(terms, END, falls)
    assert price_at(terms, END, END - 1) == terms.opening


@given(clocks, st.data())
def test_below_the_reserve_the_lot_passes_and_above_it_does_not(terms: Terms, data: Any) -> None:
    assert terms.clock is not None
    reserve = data.draw(st.integers(terms.opening, terms.clock.start))
    kept = dutch(
        terms.opening, terms.clock.start, terms.clock.step, terms.clock.every // SECOND,
        reserve=reserve,
    )  # fmt: skip
    stops = END - passes_before(kept)
    assert price_at(kept, END, stops - 1) >= reserve
    if passes_before(kept):
        assert price_at(kept, END, stops) < reserve
    else:
        assert reserve <= kept.opening or kept.opening == reserve


@given(
    clocks,
    st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(1, 12), st.integers(0, 10**6)), max_size=12
    ),
)
def test_takings_never_exceed_the_pieces_nor_what_their_buyers_would_pay(
    terms: Terms, wishes: list[tuple[int, int, int]]
) -> None:
    state, left = State(0, END, END, reserve_met=True), terms.pieces
    begins = begins_at(terms, END)
    for who, (limit, pieces, share) in enumerate(sorted(wishes, key=lambda wish: wish[2])):
        at = begins + lasts(terms) * share // 10**6
        before = state
        taking = take(terms, state, Wish(who, pieces, limit), at, left=left)
        state = taking.state
        if taking.reason is not None:
            assert state is before
            continue
        left -= pieces
        assert left >= 0
        assert taking.price == price_at(terms, END, at) <= limit
        assert state.price == taking.price >= terms.opening
        assert state.ends_at == (at if left == 0 else END)


@pytest.mark.parametrize(
    ("at", "limit", "pieces", "reason"),
    [
        (-1, 9000, 1, "early"),
        (0, 9000, 1, None),
        (0, 8999, 1, "too_low"),
        (60, 8000, 4, "too_many"),
        (9 * 60, 9000, 1, "late"),
    ],
)
def test_each_refusal_has_its_reason(at: int, limit: int, pieces: int, reason: str | None) -> None:
    terms = dutch(pieces=3)
    when = begins_at(terms, END) + at * SECOND
    assert take(terms, State(0, END, END), Wish("A", pieces, limit), when, left=3).reason == reason


STORED = {"start": 9000, "step": 1000, "every_s": 60}


@pytest.mark.parametrize(
    ("clock", "opening", "reserve", "problem"),
    [
        (None, 1000, None, "clock_missing"),
        ({"start": 9000, "step": 1000}, 1000, None, "clock_missing"),
        ({**STORED, "step": 0}, 1000, None, "clock_step"),
        ({**STORED, "step": 9000}, 1000, None, "clock_below_zero"),
        ({**STORED, "step": 8001}, 1000, None, "clock_below_lowest"),
        ({**STORED, "every_s": 86_401}, 1000, None, "clock_every"),
        (STORED, 9000, None, "clock_start"),
        (STORED, 1000, 9001, "clock_reserve"),
        ({**STORED, "step": 7}, 1000, None, "clock_long"),
        (STORED, 0, None, "opening"),
    ],
)
def test_terms_nobody_could_sell_by_are_refused_with_a_sentence(
    clock: Any, opening: int, reserve: int | None, problem: str
) -> None:
    with pytest.raises(TermsInvalid) as refused:
        build_terms({"format": "dutch", "clock": clock}, None, opening, reserve)
    assert refused.value.fields["problem"] == problem
    assert refused.value.message().endswith((".", "buy the lot."))


def test_published_terms_are_read_back() -> None:
    terms = build_terms(
        {"format": "dutch", "clock": STORED, "bid_for": "piece"}, None, 1000, None, 12
    )
    assert read_terms(json.loads(json.dumps(public_terms(terms)))) == terms


LINE: dict[str, Any] = {
    "currency": "GBP", "format": "dutch", "opening": "10", "pieces": 6,
    "clock": {"start": "90", "step": "10", "every_s": 60}, "starts_at": "2026-03-01T18:00:00Z",
}  # fmt: skip


def test_a_told_story_is_decided_by_the_clock() -> None:
    told = replay_line(
        {
            **LINE,
            "submissions": [
                {"at": "2026-03-01T18:03:59Z", "who": "A", "pieces": 4},
                {"at": "2026-03-01T18:05:00Z", "who": "B", "max": "39.99"},
                {"at": "2026-03-01T18:05:00Z", "who": "C", "max": "90", "pieces": 2},
                {"at": "2026-03-01T18:05:01Z", "who": "D"},
            ],
        }
    )
    assert [step["reason"] for step in told["steps"]] == [None, "too_low", None, "late"]
    assert told["awards"] == [
        {"who": "A", "pieces": 4, "price": "60.00"}, {"who": "C", "pieces": 2, "price": "40.00"},
    ]  # fmt: skip
    assert (told["price"], told["ends_at"]) == ("40.00", "2026-03-01T18:05:00Z")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"clock": "fast"}, "clock:"),
        ({"clock": {"start": "90", "step": "10", "every_s": "60"}}, "clock.every_s:"),
        ({"clock": {"start": "90", "step": "x", "every_s": 60}}, "clock.step:"),
        ({"clock": {"start": "90", "step": "90", "every_s": 60}}, "clock_step:"),
        ({"starts_at": None}, "ends_at:"),
    ],
)
def test_a_bad_line_names_its_key(change: dict[str, Any], key: str) -> None:
    (line,) = replay_lines([json.dumps({**LINE, **change}).encode()])
    assert line.problem is not None
    assert line.problem.startswith(key)
