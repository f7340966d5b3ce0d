"""Which of their own bids a bidder may take back, and when. Pure.

Until some hours before the end all their bids on the lot may go; after that only the last, and
only for some minutes after it was placed (as eBay has it: 12 hours, one hour). Times are
microseconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HOUR = 3_600_000_000
MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class OwnBid:
    """A standing bid of the bidder's."""

    sequence: int
    at: int


def may_go(own: Sequence[OwnBid], *, now: int, ends_at: int, hours: int, minutes: int) -> list[int]:
    """Return the sequences of the bids that may be taken back now, none where it is too late."""
    if not own:
        return []
    if now <= ends_at - hours * HOUR:
        return [bid.sequence for bid in own]
    last = own[-1]
    return [last.sequence] if now <= last.at + minutes * MINUTE and minutes else []
