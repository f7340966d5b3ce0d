"""Where a subscription stands and what follows when nobody pays. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WARN_AFTER = (timedelta(0), timedelta(days=3), timedelta(days=7), timedelta(days=12))
"""When a house that has not paid is warned, counted from the failure."""

SUSPEND_AFTER = timedelta(days=14)
TRIAL_NOTICE = timedelta(days=3)
"""How long before a trial ends the owner is told."""

TRIAL_DAYS = 30

STATES = {
    "trialing": frozenset({"active", "past_due", "cancelled"}),
    "active": frozenset({"past_due", "cancelled"}),
    "past_due": frozenset({"active", "trialing", "suspended", "cancelled"}),
    "suspended": frozenset({"active"}),
    "cancelled": frozenset({"active", "trialing", "suspended"}),
}
"""What may follow a state; a payment leads back to active from each."""

OF_STRIPE = {
    "trialing": "trialing",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "cancelled",
}
"""Stripe's status of a subscription → ours; one whose first payment was refused never began."""

OWING = frozenset({"past_due", "cancelled"})


@dataclass(frozen=True, slots=True)
class Step:
    """What is due to happen: a warning of a number, or a suspension."""

    warning: int | None = None
    suspend: bool = False


def next_step(state: str, failed_at: datetime | None, warned: int, now: datetime) -> Step:
    """Say what is due for a house that owes: never a suspension before the last warning went out.

    Warnings that were missed go out as one.
    """
    if state not in OWING or failed_at is None:
        return Step()
    since = now - failed_at
    due = sum(since >= after for after in WARN_AFTER)
    if due > warned:
        return Step(warning=due)
    return Step(suspend=since >= SUSPEND_AFTER)


def suspends_at(failed_at: datetime | None) -> datetime | None:
    """Return when a house that owes is suspended."""
    return None if failed_at is None else failed_at + SUSPEND_AFTER


def trial_is_ending(trial_ends_at: datetime, warned: int, now: datetime) -> bool:
    """Tell whether an owner is to be told now that the trial ends."""
    return warned == 0 and trial_ends_at - now <= TRIAL_NOTICE
