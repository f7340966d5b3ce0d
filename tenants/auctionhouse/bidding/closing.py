"""Closing lots whose end has come: a conditional update, so that it happens once whoever tries.

The worker only wakes this; a bid in time that arrives first moves the end or is taken, and a bid
after the end is late even if nobody has closed the lot yet.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.formats import format_of
from auctionhouse.bidding.hot_lot import hold, write
from auctionhouse.bidding.lot_offers import lapse_offers
from auctionhouse.bidding.outages import account_outages
from auctionxchange.kernel.database import Database, HasSchema
from auctionxchange.kernel.logs import logger

_PASSES = "s.ends_at - make_interval(secs => s.passes_before_s)"
"""When a lot is decided: at its end, or before it once its clock is below its reserve."""

_DUE = text(
    "SELECT s.lot_id FROM lot_state s JOIN sale e ON e.id = s.sale_id"  # noqa: S608 - a constant
    " WHERE s.status = 'open' AND (s.ends_at <= coalesce(e.paused_at, clock_timestamp())"
    f" OR (s.passes_before_s > 0 AND {_PASSES} <= coalesce(e.paused_at, clock_timestamp())))"
    " AND e.id <> ALL(:left_alone)"
    " AND (e.terms->'outage'->>'at_least_s' IS NULL"
    f" OR {_PASSES} <= coalesce(:seen, clock_timestamp()))"
    " ORDER BY s.ends_at, s.lot_id LIMIT :limit"
)
_OVER = (
    "e.state = 'published' AND NOT EXISTS"
    " (SELECT FROM lot_state s WHERE s.sale_id = e.id AND s.status IN ('open', 'ended'))"
    " AND (EXISTS (SELECT FROM lot_state s WHERE s.sale_id = e.id AND s.status = 'closed')"
    " OR e.ends_at <= clock_timestamp())"
)
_NEXT = text(
    f"SELECT CASE WHEN EXISTS (SELECT FROM sale e WHERE {_OVER}) THEN 0"  # noqa: S608 - a constant
    f" ELSE extract(epoch FROM min({_PASSES}) - clock_timestamp()) END"
    " FROM lot_state s JOIN sale e ON e.id = s.sale_id"
    f" WHERE s.status = 'open' AND (e.paused_at IS NULL OR {_PASSES} <= e.paused_at)"
)
_CLOSE_SALES = text(f"""
    UPDATE sale e SET state = 'closed', closed_at = clock_timestamp(), version = version + 1
    WHERE {_OVER}
""")  # noqa: S608 - a constant
BATCH = 50
_log = logger("closing")


def close_due(database: Database, house: HasSchema) -> int:
    """Close the house's lots whose end has come, each in its own transaction; returns how many.

    A lot that cannot be closed is logged and keeps no other from closing. A sale closes with its
    last lot, or later, where the process ended in between. Where a sale gives outages back, they
    are accounted for first, and a lot closes only once the service was seen after its end.
    """
    accounted = account_outages(database, house)
    values = {"limit": BATCH, "seen": accounted.seen, "left_alone": list(accounted.left_alone)}
    with database.house_connection(house) as connection:
        due = list(connection.execute(_DUE, values).scalars())
    closed = sum(_close_alone(database, house, lot_id) for lot_id in due)
    with database.house_connection(house) as connection:
        connection.execute(_CLOSE_SALES)
    return closed


def seconds_to_next_end(connection: Connection) -> float | None:
    """Return how long until the next open lot ends by the database's clock, or None.

    Nothing where a sale has no open lot left and is not closed yet.
    """
    seconds = connection.execute(_NEXT).scalar()
    return None if seconds is None else float(seconds)


def _close_alone(database: Database, house: HasSchema, lot_id: int) -> bool:
    try:
        with database.folded_connection(house) as connection:
            return close_lot(connection, lot_id) is not None
    except Exception:  # noqa: BLE001 - whatever is wrong with one lot, the next must close
        _log.exception("lot not closed", house=house.schema, lot=lot_id)
        return False


def close_lot(connection: Connection | Session, lot_id: int) -> str | None:
    """Decide a lot whose end has come; returns None where it is not its time.

    It is "sold", "unsold", "conditional" where its seller decides, "choosing" where its
    buyer does, or "ended" where sealed bids
    wait for staff to open them. A folded transaction is committed with it.
    """
    lot = hold(connection, lot_id)
    if lot.status != "open" or not lot.over:
        return None
    lapse_offers(connection, lot)
    format_of(lot).close(connection, lot)
    lot.announce_state()
    if lot.status == "closed":
        lot.enqueue("bidding.closed_mails", lot=lot_id)
    write(connection, lot, last=True)
    return lot.outcome or lot.status
