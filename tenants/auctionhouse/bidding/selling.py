"""How a lot is sold: the formats there are, and what each is told by its terms.

Values only. Amounts are minor units, durations microseconds. Only the standard library is
imported: the ledger's verifier is generated from this file.
"""

from dataclasses import dataclass
from typing import Literal

Format = Literal["timed", "sealed_first", "sealed_second"]
FORMATS: tuple[Format, ...] = ("timed", "sealed_first", "sealed_second")
SEALED_FORMATS: frozenset[str] = frozenset({"sealed_first", "sealed_second"})
BidFor = Literal["lot", "piece"]
BID_FOR: tuple[BidFor, ...] = ("lot", "piece")
Changes = Literal["never", "replace", "withdraw"]
CHANGES: tuple[Changes, ...] = ("never", "replace", "withdraw")
OpenedBy = Literal["clock", "staff"]
OPENED_BY: tuple[OpenedBy, ...] = ("clock", "staff")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bids that nobody reads before they are opened, all together, after the end.

    Changes say whether bidders may replace their bid until the end, or take it back too; count
    whether everybody sees how many have bid; opened_by whether the bids are opened by the clock,
    or by two members of staff.
    """

    changes: Changes = "never"
    count: bool = True
    opened_by: OpenedBy = "clock"


def in_all(price: int, pieces: int) -> int:
    """Return what a lot costs before premium where a price is paid for each of its pieces."""
    return price * pieces
