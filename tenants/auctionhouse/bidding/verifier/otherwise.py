"""What checks a lot that is sold otherwise than by timed bidding."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from auctionhouse.bidding.verifier.counted import Counted
from auctionhouse.bidding.verifier.falling_clock import TAKING, FallingClock
from auctionhouse.bidding.verifier.findings import Finding
from auctionhouse.bidding.verifier.reading import Line
from auctionhouse.bidding.verifier.sealed_bids import OF_SEALED, SealedBids

NOT_OF_TIMED = (*OF_SEALED, TAKING)


class Checker(Protocol):
    """Takes the entries of its kinds, and says whether a result may come."""

    kinds: tuple[str, ...]

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        ...

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say what is wrong with a result that comes now, or proved by it beside its price."""
        ...


def checker_of(lot: Counted) -> Checker | None:
    """Return what checks a lot that is not sold by timed bidding."""
    if lot.terms.clock is not None:
        return FallingClock()
    if lot.terms.sealed is None:
        return None
    if not lot.terms.sealed.count:
        lot.state = replace(lot.state, bids=None)  # type: ignore[arg-type] # as entries show it
    return SealedBids(lot.terms.sealed)
