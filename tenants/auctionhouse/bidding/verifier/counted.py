"""Where a lot stands after the entries taken so far, as far as the public can know."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.verifier.findings import Finding, at_of
from auctionhouse.bidding.verifier.results import Results

SHOWN = ("price", "leader", "asking", "reserve_met", "bids", "ends_at")


class Counted:
    """A lot's terms and state; what is closed is told apart from what is not there."""

    def __init__(self) -> None:
        self.sequence = 0
        self.terms = Terms(increments=((0, 1),), opening=1)
        self.state = State(0, 0, 0)
        self.asking = 0
        self.reserve: int | None = None
        self.reserve_closed = False
        self.ended = ""
        self.paused = False
        self.bidders: set[str] = set()
        self.house: set[str] = set()
        self.results = Results()

    def proved(self, text: str) -> Finding:
        """Say that an entry is proved."""
        return Finding(self.sequence, "proved", text)

    def unproved(self, text: str) -> Finding:
        """Say what of an entry could not be proved."""
        return Finding(self.sequence, "open", text)

    def wrong(self, text: str) -> Finding:
        """Say what is wrong with an entry."""
        return Finding(self.sequence, "wrong", text)

    def adopt(self, payload: Mapping[str, Any]) -> None:
        """Take the state an entry shows."""
        self.asking = payload["asking"]
        self.state = replace(
            self.state,
            price=payload["price"],
            leader=payload["leader"],
            reserve_met=payload["reserve_met"],
            bids=payload["bids"],
            ends_at=at_of(payload, "ends_at"),
        )

    def same(self, payload: Mapping[str, Any], *but: str) -> bool:
        """Tell whether an entry shows the state as it was, some parts left out."""
        state = self.state
        was = (
            state.price, state.leader, self.asking, state.reserve_met, state.bids, state.ends_at,
        )  # fmt: skip
        for name, value in zip(SHOWN, was, strict=True):
            told = at_of(payload, name) if name == "ends_at" else payload[name]
            if name not in but and told != value:
                return False
        return True
