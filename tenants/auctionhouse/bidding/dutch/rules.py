"""What a falling clock shows at an instant, and what taking at it does. Pure.

The clock falls from its start to the lot's opening, the lowest price, and is counted from the end
backwards: a pause or an outage that moves the end takes the clock back to where it stood. Below a
hidden reserve nothing is sold: there the lot passes. Amounts are minor units, times microseconds.
Only the standard library is imported: the verifier is generated from this file.
"""

from dataclasses import dataclass, replace

from auctionhouse.bidding.rules import Reason, State, Terms
from auctionhouse.bidding.selling import Clock

MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants how many pieces, and at most for what each."""

    who: int | str
    pieces: int
    limit: int


@dataclass(frozen=True, slots=True)
class Taking:
    """What became of somebody's wish for so many pieces: at which price each, or why not."""

    state: State
    price: int
    reason: Reason | None = None


def clock_of(terms: Terms) -> Clock:
    """Return the clock of a lot that is sold by one."""
    assert terms.clock is not None
    return terms.clock


def steps_of(terms: Terms) -> int:
    """Return how many times a lot's clock falls; the last step may be shorter."""
    clock = clock_of(terms)
    return -(-(clock.start - terms.opening) // clock.step)


def lasts(terms: Terms) -> int:
    """Return how long a lot's clock runs in all."""
    return (steps_of(terms) + 1) * clock_of(terms).every


def begins_at(terms: Terms, ends_at: int) -> int:
    """Return when the clock begins to run, given when the lot ends by it."""
    return ends_at - lasts(terms)


def price_after(terms: Terms, steps: int) -> int:
    """Return the price once the clock has fallen so many times, never below the lowest."""
    clock = clock_of(terms)
    return max(clock.start - steps * clock.step, terms.opening)


def price_at(terms: Terms, ends_at: int, at: int) -> int:
    """Return what the clock shows at an instant: its start before it runs, the lowest after."""
    gone = (at - begins_at(terms, ends_at)) // clock_of(terms).every
    return price_after(terms, max(gone, 0))


def falls_at(terms: Terms, ends_at: int, at: int) -> int | None:
    """Return when the clock falls next after an instant, or None where it stands at the lowest."""
    every, begins = clock_of(terms).every, begins_at(terms, ends_at)
    gone = max((at - begins) // every, 0) + 1
    return begins + gone * every if gone <= steps_of(terms) else None


def passes_before(terms: Terms) -> int:
    """Return how long before the clock's end the lot passes: once its price is below a reserve."""
    if terms.reserve is None or terms.reserve <= terms.opening:
        return 0
    clock = clock_of(terms)
    return lasts(terms) - ((clock.start - terms.reserve) // clock.step + 1) * clock.every


def stops_at(terms: Terms, ends_at: int) -> int:
    """Return when nothing is sold any more, given when the lot ends by its clock."""
    return ends_at - passes_before(terms)


def take(terms: Terms, state: State, wish: Wish, at: int, *, left: int) -> Taking:
    """Decide a wish for some of so many pieces that are left.

    Taken is at the price of the clock at that instant, which falls for nobody else: who comes
    first is served first. The last piece ends the lot.
    """
    price = price_at(terms, state.ends_at, at)
    if at < max(state.opens_at, begins_at(terms, state.ends_at)):
        return Taking(state, price, "early")
    if at >= stops_at(terms, state.ends_at):
        return Taking(state, price, "late")
    if wish.limit < price:
        return Taking(state, price, "too_low")
    if wish.pieces > left:
        return Taking(state, price, "too_many")
    leader = wish.who if state.leader is None else state.leader
    after = replace(
        state, leader=leader, price=price, maximum=price, reserve_met=True, bids=state.bids + 1,
        ends_at=at if wish.pieces == left else state.ends_at,
    )  # fmt: skip
    return Taking(after, price)
