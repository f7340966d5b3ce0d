"""What a bid met that was refused, kept with the refusal so that a receipt can tell it later.

The refusal's transaction is rolled back; whoever answers the bidder writes the receipt in one of
its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.ledger import iso
from auctionxchange.kernel.errors import DomainError, NotFound


@dataclass(frozen=True, slots=True)
class Witness:
    """A refused bid: what was offered, and the lot as it stood under its lock."""

    lot_id: int
    client_id: int
    maximum: int
    reason: str
    sequence: int
    head: bytes
    told: dict[str, Any]
    hushed: bool = False
    """Whether the bidder may not learn how many entries the lot has."""


@contextmanager
def witnessed(lot: HotLot, client_id: int, maximum: int) -> Iterator[None]:
    """Keep with any refusal inside what it met; a lot the public does not know tells nothing."""
    length, head, state = lot.chain.length, lot.chain.head, lot.state
    try:
        yield
    except NotFound:
        raise
    except DomainError as refusal:
        lot.state = state
        refusal.evidence = Witness(
            lot_id=lot.lot_id,
            client_id=client_id,
            maximum=maximum,
            reason=refusal.code,
            sequence=length,
            head=head,
            told={
                "sale": lot.row["reference"],
                "lot": lot.row["number"],
                "who": lot.name_of(client_id),
                "at": iso(lot.now),
                **lot.shown(),
            },
            hushed=lot.hushed,
        )
        raise
