"""Deciding a lot again, as far as the public can, after bids were taken back or cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from auctionhouse.bidding.redecide import (
    Event,
    Lowered,
    NewReserve,
    Submission,
    counted,
    redecide,
    standing,
)
from auctionhouse.bidding.rules import State, Terms

CLOSED = 1 << 60
"""Stands for a maximum nobody told: above every amount there is."""
UNREACHED = 1 << 62
"""Stands for a reserve that was not met, above the former."""


@dataclass(slots=True)
class Story:
    """The submissions so far and what no longer counts of them, as the ledger tells it."""

    opening_reserve: int | None = None
    reserve_closed: bool = False
    events: list[Event] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    rounded: bool = False
    """Whether an amount stands for a maximum that was rounded down before it was shown."""

    def submitted(self, sequence: int, who: str, maximum: int | None) -> None:
        """Note a submission; None is a maximum that stays closed."""
        self.events.append(Submission(sequence, who, CLOSED if maximum is None else maximum))

    def reserve_changed(self, sequence: int, reserve: int | None, *, closed: bool) -> None:
        """Note another reserve."""
        self.reserve_closed |= closed
        self.events.append(NewReserve(sequence, reserve))

    def fault(self, kind: str, payload: Mapping[str, Any]) -> str | None:
        """Say why an act cannot take back what it names; None where it can."""
        placed = {bid.sequence: bid.who for bid in standing(self.events, self.gone)}
        named = payload.get("retracts", [])
        if kind != "reopened" and bool(payload.get("lowers")) == bool(named):
            return "it neither takes a bid back nor lowers a maximum"
        if len(set(named)) != len(named) or any(placed.get(n) != payload["who"] for n in named):
            return "it takes back what is no standing bid of the bidder it names"
        if payload.get("lowers") and payload["who"] != payload["leader"]:
            return "only the leader can lower a maximum to the price"
        if not set(payload.get("lapsed", ())) <= placed.keys():
            return "bids are said to lapse that do not stand"
        return None

    def take_back(self, sequence: int, payload: Mapping[str, Any]) -> None:
        """Note what an act takes back, lets lapse or lowers."""
        self.gone.update(payload.get("retracts", ()), payload.get("lapsed", ()))
        if payload.get("lowers"):
            self.events.append(Lowered(sequence, payload["who"], payload["price"]))

    def again(
        self, terms: Terms, state: State, leader: str | None, reserve: int | None
    ) -> tuple[State, bool] | None:
        """Return the state that remains, and whether all it follows from is known.

        None where it depends on a maximum that stays closed. The reserve given stands for the
        lot's where that stays closed.
        """
        events = self.events
        closed = {bid.who for bid in standing(events, self.gone) if counted(bid, events) >= CLOSED}
        if not closed <= {leader}:
            return None
        if self.reserve_closed:
            events = [event for event in events if not isinstance(event, NewReserve)]
            terms = replace(terms, reserve=reserve)
        else:
            terms = replace(terms, reserve=self.opening_reserve)
        known = not (closed or self.reserve_closed or self.rounded)
        return redecide(terms, state, events, self.gone), known
