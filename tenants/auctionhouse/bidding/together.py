"""Lots that close together: one that is extended moves the others, in the same transaction.

The sale's row is held before any of its lots where lots close together, so that two extensions
never wait for each other.
"""

from dataclasses import replace

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import HotLot, hold, write
from auctionhouse.bidding.rules import Closing, SoftClose, spread

_NEIGHBOURS = text(
    "SELECT l.id FROM lot l JOIN lot_state s ON s.lot_id = l.id"
    " JOIN lot moved ON moved.id = :lot AND moved.sale_id = l.sale_id"
    " WHERE s.status = 'open' AND s.format <> 'dutch'"
    " AND (NOT :grouped OR l.closing_group = moved.closing_group)"
    " AND (:grouped OR (l.number, l.suffix) >= (moved.number, moved.suffix))"
    " ORDER BY l.number, l.suffix"
)


def move_others(connection: Connection | Session, moved: HotLot, ended: int) -> None:
    """Move the ends of the open lots that close together with one that ended at a time before.

    A falling clock is none of them: a later end would take its price back up.
    """
    soft = moved.terms.soft_close
    if soft is None or soft.scope == "lot":
        return
    lots = _running(connection, moved, soft)
    place = next(place for place, lot in enumerate(lots) if lot is moved)
    closings = [
        Closing(ended if lot is moved else lot.state.ends_at, lot.state.scheduled_ends_at)
        for lot in lots
    ]
    for lot, ends_at in zip(lots, spread(soft, closings, place, moved.state.ends_at), strict=True):
        if ends_at != lot.state.ends_at:
            lot.state = replace(lot.state, ends_at=ends_at)
            lot.enter("extended", {"by": moved.row["number"], **lot.shown()})
            lot.announce_state(extended=True)
            write(connection, lot)


def _running(connection: Connection | Session, moved: HotLot, soft: SoftClose) -> list[HotLot]:
    """Hold the lots that may move, in selling order; those whose end has come stay as they are."""
    grouped = soft.scope == "group"
    found = connection.execute(_NEIGHBOURS, {"lot": moved.lot_id, "grouped": grouped}).scalars()
    held = [moved if lot == moved.lot_id else hold(connection, lot) for lot in list(found)]
    return [lot for lot in held if lot is moved or (lot.status == "open" and not lot.over)]
