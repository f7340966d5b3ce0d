"""Following the outbox: one query each few milliseconds, never past a transaction still open.

Rows are read in the order of (transaction, row) and only below the oldest transaction that still
runs: what is written later always sorts behind what was read, so a late commit is never missed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from auctionxchange.kernel.logs import logger
from auctionxchange.live.wire import Event, Position, make_event

POLL_SECONDS = 0.05
RETRY_SECONDS = 0.5
AT_ONCE = 2000
_log = logger("live")

_COLUMNS = "transaction::text::bigint, id, house, topic, payload"
_SETTLED = "kind = 'live' AND transaction < pg_snapshot_xmin(pg_current_snapshot())"
_AFTER = (
    f"SELECT {_COLUMNS} FROM exchange.outbox WHERE {_SETTLED}"  # noqa: S608 - constants
    " AND (transaction, id) > (%s::text::xid8, %s) ORDER BY transaction, id LIMIT %s"
)
_RECENT = (
    f"SELECT {_COLUMNS} FROM exchange.outbox WHERE {_SETTLED}"  # noqa: S608 - constants
    " ORDER BY transaction DESC, id DESC LIMIT %s"
)
_MISSED = (
    f"SELECT {_COLUMNS} FROM exchange.outbox WHERE {_SETTLED}"  # noqa: S608 - constants
    " AND house = %s AND topic = ANY(%s) AND (transaction, id) > (%s::text::xid8, %s)"
    " AND (transaction, id) <= (%s::text::xid8, %s) ORDER BY transaction, id LIMIT %s"
)
_HEARTBEAT = (
    "INSERT INTO exchange.service_heartbeat (name, at) VALUES (%s, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at"
)


class Outbox:
    """The one connection a gateway has; opened again by itself when the database was away."""

    def __init__(self, address: str, role: str) -> None:
        self._address = address
        self._role = role
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def after(self, position: Position) -> list[Event]:
        """Return the settled events after a position."""
        rows = await self._rows(_AFTER, (str(position.transaction), position.row, AT_ONCE))
        return [_event(row) for row in rows]

    async def recent(self, count: int) -> list[Event]:
        """Return the latest settled events, oldest first."""
        return [_event(row) for row in reversed(await self._rows(_RECENT, (count,)))]

    async def missed(
        self, house: str, channels: Sequence[str], after: Position, until: Position
    ) -> list[Event]:
        """Return one house's events of some channels between two positions."""
        limits = (str(after.transaction), after.row, str(until.transaction), until.row)
        rows = await self._rows(_MISSED, (house, list(channels), *limits, AT_ONCE))
        return [_event(row) for row in rows]

    async def beat(self, name: str) -> None:
        """Say that this process serves."""
        async with self._transaction() as connection:
            await connection.execute(_HEARTBEAT, (name,))

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _rows(self, query: str, parameters: tuple[Any, ...]) -> list[Any]:
        async with self._transaction() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        async with self._lock:
            connection = await self._open()
            async with connection.transaction():
                await connection.execute(f'SET LOCAL ROLE "{self._role}"')
                yield connection

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._address, autocommit=True, prepare_threshold=None, connect_timeout=5
            )
        return self._connection


async def persist(what: str, outbox: Outbox, attempt: Any) -> Any:
    """Try until the database answers."""
    while True:
        try:
            return await attempt()
        except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
            _log.warning("database unavailable", part=what, error=type(error).__name__)
            await outbox.close()
            await asyncio.sleep(RETRY_SECONDS)


def _event(row: Any) -> Event:
    transaction, identifier, house, topic, payload = row
    return make_event(Position(transaction, identifier), house, topic, payload)
