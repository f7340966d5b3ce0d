"""When a reminder is due, and what lateness costs. Pure; amounts are minor units of one currency.

Interest is simple: it is reckoned on the invoice's own unpaid balance, day by day, never on
interest charged before (Directive 2011/7/EU, article 2 (5) to (8): a reference rate and a
margin; the house enters both). A year has 365 days. Each charge goes on from the day the last one
went to, at the rate of its own day: no day is charged twice, and a new rate changes nothing past.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

DAYS_A_YEAR = 365


def step_due(due_on: date, schedule: Sequence[int], sent: int, today: date) -> int | None:
    """Return the step of the schedule to send today, or None; steps count from 1.

    Where several days have passed unsent, the last of them is sent alone.
    """
    passed = [
        step
        for step, days in enumerate(sorted(schedule), start=1)
        if due_on + timedelta(days=days) <= today
    ]
    step = max(passed, default=0)
    return step if step > sent else None


def interest(
    changes: Iterable[tuple[date, int]], after: date, until: date, percent: Decimal
) -> Fraction:
    """Return the exact interest on an unpaid balance for the days after one until another.

    changes are days with what they added to the balance, in any order; a day bears interest on
    what is unpaid at its end, and nothing where the buyer has more than paid.
    """
    if until <= after:
        return Fraction()
    steps: dict[date, int] = {}
    for day, change in changes:
        steps[day] = steps.get(day, 0) + change
    marks = sorted({after + timedelta(days=1), *(day for day in steps if after < day <= until)})
    ends = [*marks[1:], until + timedelta(days=1)]
    days_of_money = 0
    for start, end in zip(marks, ends, strict=True):
        balance = sum(change for day, change in steps.items() if day <= start)
        days_of_money += max(balance, 0) * (end - start).days
    return Fraction(percent) / 100 * days_of_money / DAYS_A_YEAR


def storage_days(free_until: date, left_on: date | None, until: date) -> int:
    """Return for how many days a lot is stored at its buyer's cost; the day it leaves is free."""
    last = until if left_on is None else min(until, left_on - timedelta(days=1))
    return max((last - free_until).days, 0)
