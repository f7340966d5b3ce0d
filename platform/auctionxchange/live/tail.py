"""Following the outbox: one query each few milliseconds, never past a transaction still open.

Rows are read in the order of (transaction, row) and only below the oldest transaction that still
runs: what is written later always sorts behind what was read, so a late commit is never missed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import psycopg

from auctionxchange.kernel.logs import logger
from auctionxchange.live.wire import Event, Position, make_event

POLL_SECONDS = 0.05
RETRY_SECONDS = 0.5
AT_ONCE = 2000
_log = logger("live")

Answer = TypeVar("Answer")

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
_OPEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_FIRST = (
    "SELECT transaction::text::bigint, id FROM exchange.outbox WHERE kind = 'live'"
    " ORDER BY transaction, id LIMIT 1"
)
_MISSED = (
    f"SELECT {_COLUMNS} FROM exchange.outbox WHERE {_SETTLED}"  # noqa: S608 - constants
    " AND house = %s AND topic = ANY(%s) AND (transaction, id) > (%s::text::xid8, %s)"
    " AND (transaction, id) <= (%s::text::xid8, %s) ORDER BY transaction, id LIMIT %s"
)
_HEARTBEAT = (
    "INSERT INTO exchange.service_heartbeat (name, at) VALUES (%s, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at RETURNING extract(epoch FROM at)"
)


class Outbox:
    """The one connection a gateway has; opened again by itself when the database was away."""

    def __init__(self, address: str, role: str) -> None:
        self._address = address
        self._opening = f'BEGIN; SET LOCAL ROLE "{role}"'
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()

    async def after(self, position: Position) -> list[Event]:
        """Return the settled events after a position."""
        rows = await self._run(_AFTER, (str(position.transaction), position.row, AT_ONCE))
        return [_event(row) for row in rows]

    async def settled(self) -> Position:
        """Return a position that all settled events stand before and all later ones behind."""
        return Position((await self._run(_OPEN, ()))[0][0], 0)

    async def recent(self, count: int) -> list[Event]:
        """Return the latest settled events, oldest first."""
        return [_event(row) for row in reversed(await self._run(_RECENT, (count,)))]

    async def missed(
        self, house: str, channels: Sequence[str], after: Position, until: Position
    ) -> list[Event] | None:
        """Return one house's events of some channels between two positions.

        None where they are too many, or so old that some may have been swept away.
        """
        limits = (str(after.transaction), after.row, str(until.transaction), until.row)
        first = await self._run(_FIRST, ())
        if not first or after < Position(*first[0]):
            return None
        rows = await self._run(_MISSED, (house, list(channels), *limits, AT_ONCE))
        return None if len(rows) == AT_ONCE else [_event(row) for row in rows]

    async def beat(self, name: str) -> float:
        """Say that this process serves; returns the database's clock, seconds since 1970."""
        rows = await self._run(_HEARTBEAT, (name,))
        return float(rows[0][0])

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _run(self, query: str, parameters: tuple[Any, ...]) -> list[Any]:
        """Run one statement as the platform, its transaction in the same round trip."""
        async with self._lock:
            connection = await self._open()
            try:
                cursor = psycopg.AsyncClientCursor(connection)
                await cursor.execute(f"{self._opening}; {query}; COMMIT", parameters)
                cursor.nextset()
                cursor.nextset()
                return await cursor.fetchall()
            except BaseException:
                # Cancelled or failed half-way: what it is in the middle of is not worth knowing.
                await connection.close()
                raise

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._address,
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=5,
                tcp_user_timeout=10_000,
                application_name="auctionxchange live",
            )
        return self._connection


async def persist(what: str, outbox: Outbox, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Try until the database answers."""
    while True:
        try:
            return await attempt()
        except (psycopg.Error, OSError) as error:
            _log.warning("database unavailable", part=what, error=type(error).__name__)
            await outbox.close()
            await asyncio.sleep(RETRY_SECONDS)


def _event(row: Any) -> Event:
    transaction, identifier, house, topic, payload = row
    content = payload if isinstance(payload, dict) else {}
    return make_event(Position(transaction, identifier), house, topic, content)
