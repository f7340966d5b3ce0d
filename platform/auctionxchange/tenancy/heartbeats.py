"""Services say every few seconds that they serve; what is missing between is downtime.

A service that comes back writes the gap it left, so that downtime is measured by what was really
out of reach and by the database's clock. Restarts shorter than GAP_SECONDS are no outage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import logger

WEB = "web"
"""The service bidders need; its downtime is the one that counts for lots."""

BEAT_SECONDS = 2.0
GAP_SECONDS = 15.0
REMEMBERED = timedelta(days=30)
_log = logger("heartbeat")

_GAP = text(
    "INSERT INTO exchange.service_outage (name, from_at, until_at)"
    " SELECT :name, before.at, clock_timestamp()"
    " FROM (SELECT at FROM exchange.service_heartbeat WHERE name = :name FOR UPDATE) before"
    " WHERE before.at < clock_timestamp() - make_interval(secs => :gap)"
)
_BEAT = text(
    "INSERT INTO exchange.service_heartbeat (name, at) VALUES (:name, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET at = greatest(service_heartbeat.at, excluded.at)"
)
_LAST = text("SELECT at FROM exchange.service_heartbeat WHERE name = :name")
_GAPS = text(
    "SELECT id, from_at, until_at FROM exchange.service_outage"
    " WHERE name = :name AND until_at > clock_timestamp() - :remembered ORDER BY id"
)
_LATEST = text("SELECT coalesce(max(id), 0) FROM exchange.service_outage WHERE name = :name")


@dataclass(frozen=True, slots=True)
class Outage:
    """A time a service was out of reach; UTC."""

    id: int
    from_at: datetime
    until_at: datetime


def beat(connection: Connection, name: str) -> None:
    """Say that a service serves, and write the gap where it was silent for too long."""
    connection.execute(_GAP, {"name": name, "gap": GAP_SECONDS})
    connection.execute(_BEAT, {"name": name})


def last_beat(connection: Connection, name: str) -> datetime | None:
    """Return when a service last said so; None where it never did."""
    at: datetime | None = connection.execute(_LAST, {"name": name}).scalar()
    return at


def outages(connection: Connection, name: str) -> Sequence[Outage]:
    """Return a service's outages of the last month, oldest first."""
    found = connection.execute(_GAPS, {"name": name, "remembered": REMEMBERED})
    return [Outage(*row) for row in found]


def latest_outage(connection: Connection, name: str) -> int:
    """Return the number of a service's latest outage, 0 where there was none."""
    latest: int = connection.execute(_LATEST, {"name": name}).scalar_one()
    return latest


def keep_beating(database: Database, name: str, stopping: Event | None = None) -> Thread:
    """Beat now and from then on, in a thread that ends with the process or when told to."""
    _beat_once(database, name)
    told = stopping or Event()
    thread = Thread(target=_beat_on, args=(database, name, told), name="heartbeat", daemon=True)
    thread.start()
    return thread


def _beat_on(database: Database, name: str, stopping: Event) -> None:
    while not stopping.wait(BEAT_SECONDS):
        _beat_once(database, name)


def _beat_once(database: Database, name: str) -> None:
    try:
        with database.platform_connection() as connection:
            beat(connection, name)
    except SQLAlchemyError as error:
        _log.warning("database unavailable", error=type(error).__name__)
