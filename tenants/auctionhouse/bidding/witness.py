"""What a bid met that was refused, kept so that a receipt can tell it later.

It is written in the transaction that decided the bid, beside what the others in it led to, and the
refusal carries it: whoever rolls that transaction back keeps it in another. A lot the public does
not know tells nothing, nor does a question whether a bid is meant: that one is not decided yet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.hot_lot import HotLot, salted
from auctionhouse.bidding.ledger import canonical, iso, moment
from auctionxchange.kernel.errors import DomainError, NotFound


class Refused(NamedTuple):
    """A refused bid as it is stored; maximum and salt are sealed.

    The sequence is that of the last entry it met. The statement is what a receipt tells, but for
    what is told beside it here, and for the house and its key; it has no hash of that entry where
    the bidder may not learn how many entries the lot has.
    """

    reference: UUID
    lot_id: int
    sequence: int
    client_id: int
    at: datetime
    reason: str
    statement: str
    maximum: bytes | None
    salt: bytes | None


@contextmanager
def witnessed(lot: HotLot, client_id: int, maximum: int) -> Iterator[None]:
    """Let any refusal inside leave the lot as it was, and nothing but what it met."""
    length, head, state = lot.chain.length, lot.chain.head, lot.state
    try:
        yield
    except (NotFound, ConfirmationNeeded):
        lot.state = state
        raise
    except DomainError as refusal:
        lot.state = state
        refusal.evidence = _met(lot, client_id, maximum, refusal.code, (length, head))
        lot.refusals.append(refusal.evidence)
        raise


def _met(
    lot: HotLot, client_id: int, maximum: int, reason: str, last: tuple[int, bytes]
) -> Refused:
    """Tell what a refused bid met on a lot whose last entry has a sequence and a hash."""
    secret, hidden = salted("maximum", maximum)
    sequence, head = last
    told = {
        "sale": lot.row["reference"],
        "lot": lot.row["number"],
        "who": lot.name_of(client_id),
        "at": iso(lot.now),
        "maximum": hidden,
        "hash": None if lot.hushed else head.hex(),
        **lot.shown(),
    }
    return Refused(
        uuid4(), lot.lot_id, sequence, client_id, moment(lot.now), reason, canonical(told),
        lot.book.close(maximum), lot.book.close_salt(secret),
    )  # fmt: skip
