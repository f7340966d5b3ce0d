"""Entries that move a lot's end: pauses, postponements, outages, and bids close to the end."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.verifier.counted import Counted
from auctionhouse.bidding.verifier.findings import Finding, at_of
from auctionhouse.bidding.verifier.reading import SECOND_IN_MICROSECONDS

MOVES_THE_END = ("paused", "resumed", "postponed", "outage", "extended")


class Ends(Counted):
    """A lot whose end is followed."""

    def __init__(self) -> None:
        super().__init__()
        self.outage_rule: Mapping[str, Any] | None = None

    def moved_end(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Take an entry that moves the end and say what it proves."""
        end = at_of(payload, "ends_at")
        shift = end - self.state.ends_at
        self.paused = kind == "paused" or (self.paused and kind != "resumed")
        if not self.same(payload, "ends_at"):
            yield self.wrong("moving an end must not change price or leader")
        elif shift < 0:
            yield self.wrong("the end was moved earlier")
        elif kind == "outage":
            yield from self._outage(payload, shift)
        elif kind == "extended":
            yield from self._extended(payload, end, shift)
        else:
            yield self.proved("price and leader stayed, and the end is no earlier")
        scheduled = self.state.scheduled_ends_at + (0 if kind == "extended" else shift)
        self.state = replace(self.state, ends_at=end, scheduled_ends_at=scheduled)

    def _extended(self, payload: Mapping[str, Any], end: int, shift: int) -> Iterator[Finding]:
        """Check an end moved by a bid on this lot, or by a lot with which this one closes."""
        soft, latest = self.terms.soft_close, self.state.scheduled_ends_at
        if "by" not in payload:
            yield (
                self.wrong("it tells another end than the bid before it")
                if shift
                else self.proved("the bid before it moved the end")
            )
        elif soft is None or soft.scope == "lot":
            yield self.wrong("by its terms no other lot moves this one")
        elif shift == 0 or (soft.cap is not None and end > latest + soft.cap):
            yield self.wrong("the end moved not at all, or beyond what the terms allow")
        elif soft.scope != "predecessor" and shift > soft.extension:
            yield self.wrong("the end moved by more than one bid can move it")
        else:
            yield self.proved("price and leader stayed, and the end moved with the other lot's")

    def _outage(self, payload: Mapping[str, Any], shift: int) -> Iterator[Finding]:
        lasted = at_of(payload, "until") - at_of(payload, "from")
        if self.outage_rule is None:
            yield self.wrong("by its terms this sale gives no time back for an outage")
            return
        least = max(lasted, self.outage_rule["at_least_s"] * SECOND_IN_MICROSECONDS)
        if not at_of(payload, "from") < self.state.ends_at:
            yield self.wrong("the lot had ended before the service was out of reach")
        elif shift < least or lasted <= 0:
            yield self.wrong("the end moved by less than the terms give for this outage")
        else:
            yield self.proved("the end moved by at least as long as the service was out of reach")
