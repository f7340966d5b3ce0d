"""Who buys where bids are sealed, and at which price. Pure.

The highest bid wins, of equal ones the one that was handed in first. It pays what it bid, or by
the second price (as Vickrey has it) what the next one bid, and in any case the reserve. Amounts
are minor units. Only the standard library is imported: the verifier is generated from this file.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from auctionhouse.bidding.rules import Reason, State, Terms


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed bid that stands, by the place of its entry in time."""

    entry: int
    who: int | str
    amount: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What the opened bids led to; nobody leads where there are none."""

    leader: int | str | None = None
    price: int | None = None
    best: int | None = None
    second: int | None = None
    reserve_met: bool = False


def sealed_refusal(
    terms: Terms, state: State, own: Envelope | None, amount: int, at: int
) -> Reason | None:
    """Return why a sealed bid is not taken, or None; own is the bidder's that stands already."""
    if at < state.opens_at:
        return "early"
    if at >= state.ends_at:
        return "late"
    if own is not None and (terms.sealed is None or terms.sealed.changes == "never"):
        return "final"
    if amount < terms.opening:
        return "too_low"
    return "no_change" if own is not None and own.amount == amount else None


def withdrawal_refusal(terms: Terms, state: State, own: Envelope | None, at: int) -> Reason | None:
    """Return why a sealed bid is not taken back, or None."""
    if at >= state.ends_at:
        return "late"
    if own is None:
        return "nothing"
    return None if terms.sealed is not None and terms.sealed.changes == "withdraw" else "final"


def ranked(bids: Iterable[Envelope]) -> list[Envelope]:
    """Return bids from the best: the higher first, of equal ones the earlier."""
    return sorted(bids, key=lambda bid: (-bid.amount, bid.entry))


def decide_opened(terms: Terms, bids: Iterable[Envelope]) -> Opened:
    """Decide a lot by its opened bids, in whatever order they were opened."""
    order = ranked(bids)
    if not order:
        return Opened(reserve_met=terms.reserve is None)
    first = order[0]
    second = order[1].amount if len(order) > 1 else None
    met = terms.reserve is None or first.amount >= terms.reserve
    price = first.amount
    if met and terms.format == "sealed_second":
        price = max(second or 0, terms.reserve or 0, terms.opening)
    return Opened(first.who, price, first.amount, second, met)
