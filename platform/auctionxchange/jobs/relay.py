"""From the outbox to the queue, exactly once: row and job change in one transaction."""

import asyncio
from typing import Any

from procrastinate import App

from auctionxchange.jobs.queue import DATABASE_AWAY, queue_of
from auctionxchange.kernel.logs import logger

POLL_SECONDS = 0.1
RETRY_SECONDS = 0.5
AT_ONCE = 200
_log = logger("relay")

_TAKE = (
    "DELETE FROM exchange.outbox WHERE id IN (SELECT id FROM exchange.outbox WHERE kind = 'job'"
    " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, house, topic, payload"
)


async def relay_once(queue: App, carrier: Any) -> int:
    """Turn waiting rows into jobs; returns how many."""
    pool: Any = queue.connector.pool  # type: ignore[attr-defined]
    async with pool.connection() as connection, connection.transaction():
        cursor = await connection.execute(_TAKE, (AT_ONCE,))
        rows = sorted(await cursor.fetchall(), key=lambda row: row[0])
        for _identifier, owner, task, arguments in rows:
            await carrier.configure(connection=connection, queue=queue_of(task)).defer_async(
                owner=owner, task=task, arguments=arguments
            )
    return len(rows)


async def relay(queue: App, carrier: Any) -> None:
    """Do so for ever; a database that is away is waited for."""
    while True:
        try:
            moved = await relay_once(queue, carrier)
        except DATABASE_AWAY as error:
            _log.warning("database unavailable", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        if moved < AT_ONCE:
            await asyncio.sleep(POLL_SECONDS)
