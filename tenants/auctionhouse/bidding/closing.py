"""Closing lots whose end has come: a conditional update, so that it happens once whoever tries.

The worker only wakes this; a bid in time that arrives first moves the end or is taken, and a bid
after the end is late even if nobody has closed the lot yet.
"""

from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import HotLot, Private, hold, write
from auctionxchange.kernel.database import Database, HasSchema

_DUE = text(
    "SELECT s.lot_id FROM lot_state s JOIN sale e ON e.id = s.sale_id"
    " WHERE s.status = 'open' AND s.ends_at <= clock_timestamp() AND e.paused_at IS NULL"
    " ORDER BY s.ends_at, s.lot_id LIMIT :limit"
)
_NEXT = text(
    "SELECT min(s.ends_at) FROM lot_state s JOIN sale e ON e.id = s.sale_id"
    " WHERE s.status = 'open' AND e.paused_at IS NULL"
)
_CLOSE_SALES = text(
    "UPDATE sale e SET state = 'closed', closed_at = clock_timestamp(), version = version + 1"
    " WHERE e.state = 'published'"
    " AND EXISTS (SELECT FROM lot_state s WHERE s.sale_id = e.id)"
    " AND NOT EXISTS (SELECT FROM lot_state s WHERE s.sale_id = e.id AND s.status = 'open')"
)
BATCH = 50


def close_due(database: Database, house: HasSchema) -> int:
    """Close the house's lots whose end has come, each in its own transaction; returns how many."""
    with database.house_connection(house) as connection:
        due = list(connection.execute(_DUE, {"limit": BATCH}).scalars())
    closed = 0
    for lot_id in due:
        with database.house_connection(house) as connection:
            closed += close_lot(connection, lot_id) is not None
    if closed:
        with database.house_connection(house) as connection:
            connection.execute(_CLOSE_SALES)
    return closed


def next_end(connection: Connection) -> datetime | None:
    """Return when the next open lot ends, or None."""
    end: datetime | None = connection.execute(_NEXT).scalar()
    return end


def close_lot(connection: Connection | Session, lot_id: int) -> str | None:
    """Decide a lot whose end has come: "sold" or "unsold", or None where it is not its time."""
    lot = hold(connection, lot_id)
    paused = lot.row["paused_at"] is not None
    if lot.status != "open" or paused or lot.now < lot.state.ends_at:
        return None
    sold = lot.state.leader is not None and lot.state.reserve_met
    lot.status, lot.outcome = "closed", "sold" if sold else "unsold"
    if sold:
        _hammer(lot)
    else:
        lot.enter("unsold", {"price": lot.state.price})
    lot.announce_state()
    lot.enqueue("bidding.closed_mails", lot=lot_id)
    write(connection, lot)
    return lot.outcome


def _hammer(lot: HotLot) -> None:
    winner = int(lot.state.leader or 0)
    public = {"price": lot.state.price, "who": lot.name_of(winner)}
    lot.enter("hammer", public, Private(client_id=winner))
