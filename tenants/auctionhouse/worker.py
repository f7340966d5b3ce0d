"""The worker's process, `python -m auctionhouse.worker`: jobs, relay and closing of lots."""

import asyncio
import os
import signal
import threading
import time
from typing import Any

from procrastinate import App
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

import auctionhouse.approvals.tasks
import auctionhouse.bidding.tasks
import auctionhouse.collecting.tasks
import auctionhouse.consignors.tasks
import auctionhouse.deposits.tasks
import auctionhouse.documents.tasks
import auctionhouse.handover.tasks
import auctionhouse.offers.tasks
import auctionhouse.payments.rounds
import auctionhouse.payments.tasks
import auctionhouse.plan.tasks
import auctionhouse.settlement.tasks  # noqa: F401 - registers its tasks
import auctionxchange.billing.tasks
import auctionxchange.jobs.tasks
import auctionxchange.payments.backfill
import auctionxchange.payments.tasks  # noqa: F401 - registers its tasks
from auctionhouse.closer import Closer
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing.watch import watch_ledgers
from auctionhouse.seed import seed_house
from auctionxchange.jobs.periodic import add_periodics
from auctionxchange.jobs.queue import (
    CONCURRENCY,
    DATABASE_AWAY,
    add_carrier,
    make_queue,
    take_up_stalled,
)
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.jobs.relay import relay
from auctionxchange.kernel.config import load_settings
from auctionxchange.kernel.database import Database, PlatformSession
from auctionxchange.kernel.logs import configure_logs, logger
from auctionxchange.mail.delivery import SmtpMailer
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.heartbeats import beat
from auctionxchange.tenancy.superuser import refuse_superuser
from auctionxchange.tenancy.tasks import PROVISION, make_registered_house

BEAT_SECONDS = 5.0
SWEEP_SECONDS = 600.0
KEPT_HOURS = 6
FINISHED_JOBS_HOURS = 72
STALLED_SECONDS = 10.0
RETRY_SECONDS = 1.0
LEAVE_SECONDS = 10.0
_log = logger("worker")

_SWEEP = text(
    "DELETE FROM exchange.outbox WHERE kind = 'live'"
    " AND at < clock_timestamp() - make_interval(hours => :hours)"
)
_SWEEP_TRIES = text("DELETE FROM exchange.tried WHERE ends < clock_timestamp()")


@TASKS.platform_task(PROVISION)
def provision(services: WorkerServices, session: PlatformSession, *, schema: str) -> None:
    """Make a house an operator asked for."""
    del session
    make_registered_house(services.settings, seed_house, schema)


def make_services() -> WorkerServices:
    """Read the settings and make what tasks work with."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_format)
    database = Database(
        settings.database_url,
        secret_key=settings.secret_key,
        pool_size=sum(CONCURRENCY.values()) + 2,
    )
    refuse_superuser(database)
    directory = Directory(database, settings)
    app = create_house_app(settings, database, directory)
    return WorkerServices(settings, database, directory, SmtpMailer(settings.smtp_url), app)


async def work(services: WorkerServices) -> None:
    """Run jobs, relay and closer until told to stop."""
    role = services.database.platform_scope.role
    queue = make_queue(services.settings.database_url, role)
    carrier = add_carrier(queue, TASKS, services)
    add_periodics(queue, carrier, TASKS, services)
    stopping = threading.Event()
    closer = Closer(services.database, services.directory)
    threads = [
        threading.Thread(target=closer.run, args=(stopping,), name="closer"),
        threading.Thread(
            target=watch_ledgers,
            args=(services.database, services.directory, stopping),
            name="ledgers",
        ),
        threading.Thread(target=_keep_house, args=(services.database, stopping), name="keeper"),
    ]
    for thread in threads:
        thread.start()
    try:
        async with queue.open_async():
            await _until_stopped(queue, carrier)
    finally:
        stopping.set()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        services.database.dispose()


async def _until_stopped(queue: App, carrier: Any) -> None:
    running = [
        asyncio.create_task(relay(queue, carrier)),
        *(asyncio.create_task(_do_jobs(queue, name)) for name in CONCURRENCY),
        asyncio.create_task(_sweep_jobs(queue)),
    ]
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
    left = set(running)
    while left:
        # Asked more than once: a connection that is just being opened anew may swallow it.
        for task in left:
            task.cancel()
        _ended, left = await asyncio.wait(left, timeout=LEAVE_SECONDS)
    results = await asyncio.gather(*running, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            _log.error("stopped", error=type(result).__name__)
            raise result


async def _do_jobs(queue: App, name: str) -> None:
    """Do one queue's jobs; where the database goes away, begin anew when it is back."""
    while True:
        try:
            await queue.run_worker_async(
                queues=[name],
                name=name,
                concurrency=CONCURRENCY[name],
                install_signal_handlers=False,
                shutdown_graceful_timeout=LEAVE_SECONDS,
                fetch_job_polling_interval=1.0,
                # Their arguments are mails to people: nothing is kept that was done.
                delete_jobs="successful",
            )
        except DATABASE_AWAY as error:
            _log.warning("database unavailable", queue=name, error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)


async def _sweep_jobs(queue: App) -> None:
    swept = float("-inf")
    while True:
        try:
            await take_up_stalled(queue)
            if time.monotonic() - swept > SWEEP_SECONDS:
                await queue.job_manager.delete_old_jobs(
                    nb_hours=FINISHED_JOBS_HOURS, include_failed=True
                )
                swept = time.monotonic()
        except DATABASE_AWAY as error:
            _log.warning("database unavailable", part="sweep", error=type(error).__name__)
        await asyncio.sleep(STALLED_SECONDS)


def _keep_house(database: Database, stopping: threading.Event) -> None:
    """Say each few seconds that the worker serves, and now and then sweep the outbox."""
    waited = SWEEP_SECONDS
    while True:
        try:
            with database.platform_connection() as connection:
                beat(connection, "worker")
                if waited >= SWEEP_SECONDS:
                    connection.execute(_SWEEP, {"hours": KEPT_HOURS})
                    connection.execute(_SWEEP_TRIES)
                    waited = 0.0
        except SQLAlchemyError as error:
            _log.warning("database unavailable", error=type(error).__name__)
        waited += BEAT_SECONDS
        if stopping.wait(BEAT_SECONDS):
            return


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    asyncio.run(work(make_services()))


if __name__ == "__main__":
    main()
