"""How a lot is sold: the formats there are, and what each is told by its terms.

Values only. Amounts are minor units, durations microseconds. Only the standard library is
imported: the ledger's verifier is generated from this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Format = Literal["timed", "sealed_first", "sealed_second", "sealed_pieces", "dutch", "choice"]
FORMATS: tuple[Format, ...] = (
    "timed", "sealed_first", "sealed_second", "sealed_pieces", "dutch", "choice",
)  # fmt: skip
SEALED_FORMATS: frozenset[str] = frozenset({"sealed_first", "sealed_second", "sealed_pieces"})
STEPLESS: frozenset[str] = SEALED_FORMATS | {"dutch"}
"""Formats whose bids follow no increments."""

BidFor = Literal["lot", "piece"]
BID_FOR: tuple[BidFor, ...] = ("lot", "piece")
Changes = Literal["never", "replace", "withdraw"]
CHANGES: tuple[Changes, ...] = ("never", "replace", "withdraw")
OpenedBy = Literal["clock", "staff"]
OPENED_BY: tuple[OpenedBy, ...] = ("clock", "staff")
Pays = Literal["own_bid", "lowest_winning", "start_unless_oversubscribed"]
PAYS: tuple[Pays, ...] = ("own_bid", "lowest_winning", "start_unless_oversubscribed")
Order = Literal["price_time", "price_quantity_time"]
ORDERS: tuple[Order, ...] = ("price_time", "price_quantity_time")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bids that nobody reads before they are opened, all together, after the end.

    Changes say whether bidders may replace their bid until the end, or take it back too; count
    whether everybody sees how many have bid; opened_by whether the bids are opened by the clock,
    or by two members of staff.

    Where several buyers share a lot's pieces, pays says which price: each their own, or all the
    lowest that wins, or the opening unless more pieces are wanted than there are; order whether of
    equal bids the one for more pieces or the earlier comes first.
    """

    changes: Changes = "never"
    count: bool = True
    opened_by: OpenedBy = "clock"
    pays: Pays | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A price that falls by a step each so many microseconds, down to the lot's opening.

    It is counted from the lot's end: at the lowest price it stands once more for as long, and then
    the lot ends. Whoever moves the end, moves the clock.
    """

    start: int
    step: int
    every: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A right to choose among so many pieces, each at the hammer price, for so many microseconds.

    Who wins it takes one piece at least. Pieces go by their numbers, from 1; the first of them may
    have names.
    """

    pieces: int
    lasts: int
    names: tuple[str, ...] = ()


def choice_fault(choice: Choice, wanted: Sequence[int]) -> str | None:
    """Return what is wrong with the numbers of pieces somebody chooses: none, twice or unknown."""
    if not wanted:
        return "none"
    if len(set(wanted)) < len(wanted):
        return "twice"
    return None if all(1 <= number <= choice.pieces for number in wanted) else "unknown"


@dataclass(frozen=True, slots=True)
class Award:
    """So many of a lot's pieces that go to one buyer at a price each, and by which entry."""

    entry: int
    who: int | str
    pieces: int
    price: int


def counts_pieces(form: str, bid_for: str) -> bool:
    """Tell whether a lot's quantity is a matter of its rules: priced, shared or chosen by piece."""
    return bid_for == "piece" or form in {"sealed_pieces", "choice"}


def shares_pieces(form: str, pieces: int) -> bool:
    """Tell whether several buyers may share so many pieces of a lot sold in a format."""
    return form == "sealed_pieces" or (form == "dutch" and pieces > 1)


def in_all(price: int, pieces: int) -> int:
    """Return what a lot costs before premium where a price is paid for each of its pieces."""
    return price * pieces
