"""A queue that does its waiting jobs once, as the worker would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from flask import Flask
from procrastinate import App

from auctionxchange.jobs.queue import add_carrier, make_queue
from auctionxchange.jobs.registry import Registry, WorkerServices
from auctionxchange.jobs.relay import relay_once
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory


class Mailbox:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def deliver(self, message: EmailMessage) -> None:
        """Keep a mail."""
        self.messages.append(message)


@dataclass(frozen=True, slots=True)
class Bench:
    """A queue with a registry of its own."""

    queue: App
    carrier: Any
    registry: Registry
    services: WorkerServices

    async def relay(self) -> int:
        """Turn the outbox's rows into jobs."""
        return await relay_once(self.queue, self.carrier)

    async def work(self) -> None:
        """Do what waits, then return."""
        await self.queue.run_worker_async(
            wait=False, install_signal_handlers=False, listen_notify=False
        )

    async def rows(self, query: str, *parameters: Any) -> list[Any]:
        """Ask the queue's tables."""
        pool: Any = self.queue.connector.pool  # type: ignore[attr-defined]
        async with pool.connection() as connection:
            cursor = await connection.execute(query, parameters)
            found: list[Any] = await cursor.fetchall()
            return found

    async def jobs(self) -> list[tuple[Any, ...]]:
        """Return (status, attempts, owner, task, seconds to wait) of every job, oldest first."""
        return [
            tuple(row)
            for row in await self.rows(
                "SELECT status::text, attempts, args->>'owner', args->>'task',"
                " coalesce(extract(epoch FROM scheduled_at - clock_timestamp()), 0)::float"
                " FROM procrastinate_jobs ORDER BY id"
            )
        ]


@asynccontextmanager
async def open_bench(
    settings: Settings, database: Database, registry: Registry | None = None
) -> AsyncIterator[Bench]:
    """Open a queue on an installation's database, with nothing waiting in it."""
    chosen = registry or Registry()
    services = WorkerServices(
        settings, database, Directory(database, settings), Mailbox(), Flask("test")
    )
    role = database.platform_scope.role
    queue = make_queue(settings.database_url, role)
    carrier = add_carrier(queue, chosen, services)
    async with queue.open_async():
        bench = Bench(queue, carrier, chosen, services)
        await bench.rows("DELETE FROM procrastinate_jobs RETURNING id")
        await bench.rows("DELETE FROM outbox WHERE kind = 'job' RETURNING id")
        yield bench
