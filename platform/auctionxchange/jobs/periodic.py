"""Tasks that come round by the clock: each time one job for every active house, or one in all.

What was missed while no worker ran is done once when one is back. A job that still waits when the
next would come is not made twice.
"""

import asyncio
from typing import Any

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from auctionxchange.jobs.queue import queue_of
from auctionxchange.jobs.registry import Registry, WorkerServices

TICK = "tick"
MISSED_SECONDS = 25 * 3600
"""How long ago a turn may have been that is still made up for; longer than a day."""


def add_periodics(queue: App, carrier: Any, registry: Registry, services: WorkerServices) -> None:
    """Have every task of the registry that names a schedule done by it."""

    async def tick(timestamp: int, task: str) -> None:
        del timestamp
        for owner in await asyncio.to_thread(owners_of, registry, services, task):
            waiting = carrier.configure(queue=queue_of(task), queueing_lock=f"{task}:{owner}")
            try:
                await waiting.defer_async(owner=owner, task=task, arguments={})
            except AlreadyEnqueued:
                continue

    queue.periodic_defaults = {"max_delay": MISSED_SECONDS}
    registered: Any = queue.task(name=TICK)(tick)
    for name, schedule in registry.every.items():
        again: Any = queue.periodic(
            cron=schedule, periodic_id=name, queue=queue_of(name), task_kwargs={"task": name}
        )
        again(registered)


def owners_of(registry: Registry, services: WorkerServices, task: str) -> list[str]:
    """Return for whom a task is done: the active houses, or the platform."""
    if task in registry.of_platform:
        return [services.database.platform_scope.role]
    return [house.schema for house in services.directory.all() if house.status == "active"]
