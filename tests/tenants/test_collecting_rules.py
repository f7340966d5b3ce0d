"""When reminders are due, and what lateness costs."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.collecting.rules import interest, step_due, storage_days

DUE = date(2026, 3, 1)


def days(count: int) -> date:
    return DUE + timedelta(days=count)


def test_each_step_is_due_once_and_a_late_look_sends_the_last_one_alone() -> None:
    schedule = [21, 3, 10]
    assert step_due(DUE, schedule, 0, days(2)) is None
    assert step_due(DUE, schedule, 0, days(3)) == 1
    assert step_due(DUE, schedule, 1, days(9)) is None
    assert step_due(DUE, schedule, 1, days(10)) == 2
    assert step_due(DUE, schedule, 0, days(30)) == 3
    assert step_due(DUE, schedule, 3, days(300)) is None
    assert step_due(DUE, [], 0, days(300)) is None


def test_interest_of_a_year_is_the_rate() -> None:
    assert interest([(DUE, 100_000)], DUE, days(365), Decimal("10.5")) == 10_500
    assert interest([(DUE, 100_000)], DUE, DUE, Decimal(10)) == 0


def test_interest_follows_the_balance_day_by_day() -> None:
    """30 days on 1000.00, then 10 days on 400.00, at 12 per cent: 9.86 + 1.32."""
    changes = [(DUE - timedelta(days=7), 100_000), (days(31), -60_000)]
    found = interest(changes, DUE, days(40), Decimal(12))
    assert found == Fraction(12, 100) * (30 * 100_000 + 10 * 40_000) / 365


CHANGES = st.lists(
    st.tuples(st.integers(-30, 200).map(days), st.integers(-50_000, 80_000)), max_size=8
)


@given(CHANGES, st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_interest_in_pieces_is_interest_at_once(
    changes: list[tuple[date, int]], first: int, second: int, third: int
) -> None:
    start, middle, end = (days(one) for one in sorted((first, second, third)))
    rate = Decimal("8.25")
    whole = interest(changes, start, end, rate)
    assert whole == interest(changes, start, middle, rate) + interest(changes, middle, end, rate)
    assert whole >= 0


@given(CHANGES, st.integers(1, 200))
def test_interest_is_the_sum_of_each_days(changes: list[tuple[date, int]], length: int) -> None:
    """Never on interest: a day's is on the balance of the changes alone."""
    expected = Fraction()
    for day in range(1, length + 1):
        balance = sum(change for at, change in changes if at <= days(day))
        expected += Fraction(max(balance, 0) * 9, 36_500)
    assert interest(changes, DUE, days(length), Decimal(9)) == expected


def test_the_day_a_lot_leaves_is_free() -> None:
    assert storage_days(DUE, None, days(5)) == 5
    assert storage_days(DUE, days(3), days(5)) == 2
    assert storage_days(DUE, days(1), days(5)) == 0
    assert storage_days(days(9), None, days(5)) == 0
