"""Time the service was out of reach, given back to the lots that were open, once.

outage_rule.py says what a sale's terms hold. Closed lots stay closed. A lot whose end passed
before this was accounted for gets all the time until now, since nobody could bid on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.hot_lot import HotLot, hold, write
from auctionhouse.bidding.ledger import iso, microseconds
from auctionxchange.kernel.database import Database, HasSchema
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.heartbeats import WEB, Outage, last_beat, outages

SECOND = 1_000_000
_log = logger("outages")

_TOUCHED = text(
    "SELECT e.id FROM sale e WHERE e.state = 'published'"
    " AND e.terms->'outage'->>'at_least_s' IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM sale_outage a"
    " WHERE a.sale_id = e.id AND a.outage_id = :outage)"
    " AND EXISTS (SELECT FROM lot_state s WHERE s.sale_id = e.id AND s.status = 'open'"
    " AND s.starts_at < :until AND s.ends_at > :from) ORDER BY e.id"
)
_HOLD_SALE = text(
    "SELECT paused_at, (terms->'outage'->>'at_least_s')::int AS at_least FROM sale"
    " WHERE id = :sale FOR NO KEY UPDATE"
)
_ONCE = text(
    "INSERT INTO sale_outage (outage_id, sale_id, from_at, until_at, lots)"
    " VALUES (:outage, :sale, :from, :until, :lots) ON CONFLICT DO NOTHING RETURNING sale_id"
)
_OPEN = text(
    "SELECT s.lot_id FROM lot_state s JOIN ledger_entry t ON t.lot_id = s.lot_id"
    " WHERE s.sale_id = :sale AND s.status = 'open' AND t.sequence = 1 AND t.at < :until"
    " AND s.starts_at < :until AND s.ends_at > :from ORDER BY s.lot_id"
)
_MOVE_SALE = text("UPDATE sale SET ends_at = ends_at + :by, version = version + 1 WHERE id = :sale")
_SHOWN = text(
    "SELECT from_at, until_at FROM sale_outage WHERE sale_id = :sale AND lots > 0"
    " ORDER BY from_at DESC LIMIT 5"
)


@dataclass(frozen=True, slots=True)
class Accounted:
    """What closing must know: until when the web was seen, and sales it must leave alone."""

    seen: datetime | None
    left_alone: Sequence[int]


@dataclass(frozen=True, slots=True)
class ShownOutage:
    """An outage as pages tell it."""

    from_at: datetime
    until_at: datetime

    @property
    def minutes(self) -> int:
        """Return how long it lasted in whole minutes, rounded up."""
        return -(-(self.until_at - self.from_at) // timedelta(minutes=1))


def account_outages(database: Database, house: HasSchema) -> Accounted:
    """Give back what outages took from a house's open lots, each sale in its own transaction.

    A sale for which this fails is left alone: its lots must not close before it is done.
    """
    with database.platform_connection() as connection:
        seen = last_beat(connection, WEB)
        known = outages(connection, WEB)
    left_alone = []
    for outage in known:
        with database.house_connection(house) as connection:
            touched = connection.execute(_TOUCHED, _values(outage)).scalars().all()
        for sale_id in touched:
            try:
                with database.house_session(house) as session, session.begin():
                    account_outage(session, sale_id, outage)
            except Exception:  # noqa: BLE001 - one sale must not keep the others waiting
                _log.exception("outage not accounted", house=house.schema, sale=sale_id)
                left_alone.append(sale_id)
    return Accounted(seen, left_alone)


def account_outage(session: Session, sale_id: int, outage: Outage) -> int:
    """Extend a sale's lots that were open during an outage; returns how many. Done once."""
    values = {**_values(outage), "sale": sale_id}
    sale = session.execute(_HOLD_SALE, values).one()
    paused = sale.paused_at is not None and sale.paused_at <= outage.from_at
    found = [] if paused else session.execute(_OPEN, values).scalars().all()
    lots = [hold(session, lot_id) for lot_id in found]
    lots = [lot for lot in lots if lot.status == "open"]
    first = session.execute(_ONCE, {**values, "lots": len(lots)}).first()
    if first is None:
        return 0
    longest = 0
    for lot in lots:
        longest = max(longest, _extend(lot, outage, sale.at_least * SECOND))
        write(session, lot)
    if lots:
        by = timedelta(microseconds=longest)
        session.execute(_MOVE_SALE, {"sale": sale_id, "by": by})
        lasted = (outage.until_at - outage.from_at).total_seconds()
        audit.record(
            session, "sale.outage", f"sale:{sale_id}", actor=None, lots=len(lots), seconds=lasted
        )
    return len(lots)


def _extend(lot: HotLot, outage: Outage, at_least: int) -> int:
    """Move one lot's end; returns by how many microseconds."""
    began, back = microseconds(outage.from_at), microseconds(outage.until_at)
    lost = (lot.now if lot.over else back) - began
    by = max(lost, back - began, at_least)
    lot.move_end(lot.state.ends_at + by)
    told = {
        "from": iso(began),
        "until": iso(back),
        "lasted_s": -(-(back - began) // SECOND),
        "extended_s": -(-by // SECOND),
    }
    lot.enter("outage", {**told, **lot.shown()})
    lot.announce_state(extended=True)
    return by


def outages_of(session: Session, sale_id: int) -> list[ShownOutage]:
    """Return the outages that extended lots of a sale, the latest first."""
    return [ShownOutage(*row) for row in session.execute(_SHOWN, {"sale": sale_id})]


def _values(outage: Outage) -> dict[str, Any]:
    return {"outage": outage.id, "from": outage.from_at, "until": outage.until_at}
