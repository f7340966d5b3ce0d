"""Opening the book of a lot to staff: never in silence.

The clerk and the auctioneer of a live sale open it lot by lot. Whatever the occasion, the act
gives its reason and stands in the lot's public ledger and in the house's audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.hot_lot import Private, hold, write
from auctionhouse.bidding.sealed.refusals import SealedUntilOpening
from auctionxchange.kernel.errors import Forbidden, Invalid
from auctionxchange.kernel.translation import gettext as _

ROLES = ("owner", "clerk", "auctioneer")
LONGEST_REASON = 500
_MAY = text(
    "SELECT count(*) FROM member_role mr JOIN role r ON r.id = mr.role_id"
    " WHERE mr.member_id = :member AND r.name = ANY(:roles)"
)
_LINES = text(
    "SELECT t.client_id, c.name, g.paddle, t.at, t.maximum FROM ledger_entry t"
    " JOIN client c ON c.id = t.client_id JOIN lot l ON l.id = t.lot_id"
    " LEFT JOIN registration g ON g.client_id = c.id AND g.sale_id = l.sale_id"
    " WHERE t.lot_id = :lot AND t.kind IN ('bid', 'raise') AND t.maximum IS NOT NULL"
    " ORDER BY t.sequence"
)


class BookReasonMissing(Invalid):
    """Nobody opens the book without saying why."""

    code = "book_reason_missing"

    def message(self) -> str:
        return _("Say why you open the book: the reason is kept in the audit.")


@dataclass(frozen=True, slots=True)
class BookLine:
    """A client's highest maximum on a lot, minor units, and since when it stands."""

    client_id: int
    name: str
    paddle: int | None
    at: datetime
    maximum: int


def open_book(session: Session, lot_id: int, *, member_id: int, reason: str) -> Sequence[BookLine]:
    """Show the maxima on a lot, the highest first; ledger and audit say who opened it and when.

    Raises BookReasonMissing, LotUnknown, SealedUntilOpening for sealed bids, and Forbidden for
    whoever is neither clerk, auctioneer nor owner.
    """
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise BookReasonMissing
    if not session.execute(_MAY, {"member": member_id, "roles": list(ROLES)}).scalar():
        raise Forbidden
    lot = hold(session, lot_id)
    if lot.terms.sealed is not None:
        raise SealedUntilOpening
    lot.enter(
        "opened_book",
        {"by": lot.name_of_member(member_id), **lot.shown()},
        Private(placed_by=member_id, reason=said),
    )
    write(session, lot)
    audit.record(session, "lot.open_book", f"lot:{lot_id}", actor=member_id, reason=said)
    return _lines(session, lot_id)


def _lines(session: Session, lot_id: int) -> list[BookLine]:
    book = book_of(session, lot_id)
    highest: dict[int, BookLine] = {}
    for row in session.execute(_LINES, {"lot": lot_id}):
        maximum = book.open(row.maximum)
        known = highest.get(row.client_id)
        if maximum is not None and (known is None or maximum > known.maximum):
            highest[row.client_id] = BookLine(row.client_id, row.name, row.paddle, row.at, maximum)
    return sorted(highest.values(), key=lambda line: (-line.maximum, line.at))
