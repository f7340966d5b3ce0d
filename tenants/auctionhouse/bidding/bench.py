"""Where worked examples are made: a lot's terms, round amounts of its ladder, and stories told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.rules import State, Terms, decide
from auctionhouse.bidding.style import Style
from auctionhouse.bidding.telling import Told, tell
from auctionhouse.bidding.terms import SECOND

END = microseconds(datetime(2026, 3, 2, 18, tzinfo=UTC))
START = END - 7 * 24 * 3600 * SECOND
HOUR = 3600 * SECOND
MINUTE = 60 * SECOND
PIECES_SHOWN = 6
"""Of the examples' lot, where bids are for each piece."""

OFFERS: tuple[tuple[str, int], ...] = (("Ann", 2), ("Ben", 5), ("Cleo", 5))
"""The same three offers for every format: who, and which amount of the ladder, counted from 0."""

Bid = tuple[str, int, int]
"""Who, up to how much, and when."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where examples are made: a lot's terms and how its amounts are written."""

    terms: Terms
    style: Style

    def money(self, amount: int) -> str:
        """Write an amount."""
        return self.style.money(amount)

    def rungs(self, count: int) -> list[int]:
        """Return the first amounts of the ladder, from the opening upwards."""
        found = [self.terms.opening]
        while len(found) < count:
            found.append(found[-1] + self.terms.step_at(found[-1]))
        return found

    def between(self, rung: int) -> int:
        """Return an amount half a step above a rung, which is on no ladder."""
        return rung + self.terms.step_at(rung) // 2

    def tell(self, story: Sequence[Bid], **changes: object) -> list[str]:
        """Decide a story and tell each of its bids."""
        terms = replace(self.terms, **changes)  # type: ignore[arg-type] # fields of Terms by name
        state = fresh(terms)
        lines = []
        for who, maximum, at in story:
            decision = decide(terms, state, who, maximum, at)
            lines.append(tell(Told(terms, state, who, maximum, decision), self.style))
            state = decision.state
        return lines


def fresh(terms: Terms) -> State:
    """Return a lot nobody has bid on that ends when the examples end."""
    return State(START, END, END, reserve_met=terms.reserve is None)
