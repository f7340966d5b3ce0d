"""A falling clock: that each taking was at the clock's price of its instant, and of what was left.

A reserve that stays closed leaves open whether the clock had fallen below it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from auctionhouse.bidding.dutch.rules import Wish, price_at, stops_at, take
from auctionhouse.bidding.selling import Award
from auctionhouse.bidding.verifier.counted import Counted
from auctionhouse.bidding.verifier.findings import Finding, at_of
from auctionhouse.bidding.verifier.reading import Line
from auctionhouse.bidding.verifier.shapes import is_commitment

TAKING = "taking"


class FallingClock:
    """The pieces of a lot that were taken, as far as its entries were read."""

    kinds: tuple[str, ...] = (TAKING, "bid", "raise", "automatic", "cancellation", "reopened")

    def __init__(self) -> None:
        self.taken: list[Award] = []

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        payload = line.payload
        if kind == TAKING:
            yield from self._taking(lot, payload)
        elif kind == "reopened":
            yield from self._reopened(lot, payload)
        else:
            yield lot.wrong("by its terms the lot is sold by a falling clock")
        lot.adopt(payload)
        lot.state = replace(lot.state, maximum=payload["price"])

    def _taking(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        terms, at, who = (
            replace(lot.terms, reserve=lot.reserve),
            at_of(payload, "at"),
            payload["who"],
        )
        pieces = payload["taken"] if lot.terms.shared else lot.terms.pieces
        left = lot.terms.pieces - sum(one.pieces for one in self.taken)
        shown = price_at(terms, lot.state.ends_at, at)
        taking = take(terms, lot.state, Wish(who, pieces, shown), at, left=left)
        lot.bidders.add(who)
        bound = [payload["maximum"], *([payload["pieces"]] if lot.terms.shared else [])]
        if not all(is_commitment(one) for one in bound):
            yield lot.wrong("it commits to no amount, or to no pieces")
        if lot.paused or lot.ended:
            yield lot.wrong("something was taken while the clock stood still")
        elif taking.reason == "too_many" or pieces < 1:
            yield lot.wrong(f"{pieces} pieces were taken, and {left} were left")
        elif taking.reason is not None:
            yield lot.wrong("something was taken outside the time of the clock")
        elif payload["amount"] != shown:
            yield lot.wrong(f"the clock showed {shown} at this instant, not {payload['amount']}")
        else:
            yield from _stands(lot, payload, taking.state)
        self.taken.append(Award(lot.sequence, who, pieces, payload["amount"]))

    def _reopened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        sold = lot.ended == "hammer"
        lot.ended = ""
        lot.results.put_right("reopened", payload)
        self.taken = []
        if sold or payload["price"] is not None or payload["bids"]:
            yield lot.wrong("what was taken at the clock was sold, and the lot runs again")
        else:
            yield lot.proved("the clock runs again, with nothing taken")

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say whether the pieces went to who took them, and whether the clock may have stopped."""
        if kind == "withdrawn" and self.taken:
            yield lot.wrong("the lot was withdrawn although some of it was sold")
        if kind == "hammer" and lot.terms.shared:
            if payload["awards"] == [asdict(one) for one in self.taken]:
                yield lot.proved("the pieces went to who took them, each at the clock's price")
            else:
                yield lot.wrong("the pieces did not go to who took them")
        at, state = at_of(payload, "at"), lot.state
        if kind not in {"hammer", "unsold"} or at >= state.ends_at:
            return
        passed = stops_at(replace(lot.terms, reserve=lot.reserve), state.ends_at)
        if not lot.reserve_closed and at >= passed:
            yield lot.proved("the clock had fallen below the reserve, so it stopped")
        elif lot.reserve_closed:
            yield lot.unproved("the clock is said to have fallen below a reserve that stays closed")
        lot.state = replace(
            state, ends_at=at if lot.reserve_closed or at >= passed else state.ends_at
        )


def _stands(lot: Counted, payload: Mapping[str, Any], after: Any) -> Iterator[Finding]:
    """Check the state a taking left."""
    shown = (payload["price"], payload["leader"], payload["asking"], payload["bids"])
    expected = (after.price, after.leader, lot.terms.opening, after.bids)
    if shown != expected or at_of(payload, "ends_at") != after.ends_at:
        yield lot.wrong("the state after it is not that of a lot that was taken from so")
    elif not payload["reserve_met"]:
        yield lot.wrong("the clock sells nothing below the reserve, so it is met")
    elif lot.reserve_closed:
        yield lot.unproved("it was at the clock's price; that the reserve was met is not told")
    else:
        yield lot.proved("it was taken at the clock's price, of what was left")
