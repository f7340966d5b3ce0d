"""The job queue: procrastinate in its own schema, with one task that carries all of ours.

A job has its owner (a house's schema, or the platform's role), a task's name and arguments. A
failure is tried again later and later; a parked job comes back each minute until its house does.
"""

import logging
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from auctionxchange.jobs.registry import JobParked, JobRefused, Registry, WorkerServices, run_job
from auctionxchange.kernel.logs import logger

PARKED_SECONDS = 60
ATTEMPTS = 12
LONGEST_WAIT_SECONDS = 3600
CARRIER = "job"
_log = logger("worker")


class Patience(BaseRetryStrategy):
    """When a failed job is tried again: after 1, 2, 4 … seconds, at most an hour, twelve times."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None to give up."""
        if isinstance(exception, JobParked):
            return RetryDecision(retry_in={"seconds": PARKED_SECONDS})
        if isinstance(exception, JobRefused) or job.attempts >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, LONGEST_WAIT_SECONDS)})


def quieten() -> None:
    """Keep the library from writing job arguments, which may be personal, into the log."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)


def make_queue(address: str, role: str) -> App:
    """Build the queue's app on connections that act as the platform in schema jobs.

    It needs a server that keeps a connection's settings, so it goes past a transaction pooler.
    """

    async def prepare(connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.set_autocommit(True)
        await connection.execute(f'SET ROLE "{role}"')
        await connection.execute("SET search_path = jobs, exchange")

    quieten()
    connector = PsycopgConnector(conninfo=address, configure=prepare, min_size=1, max_size=6)
    return App(connector=connector)


def add_carrier(queue: App, registry: Registry, services: WorkerServices) -> Any:
    """Register the one task that runs all of ours and return it."""

    def carry(owner: str, task: str, arguments: dict[str, Any]) -> None:
        try:
            run_job(registry, services, owner, task, arguments)
            _log.info("job done", task=task, owner=owner)
        except JobParked as parked:
            _log.info("job parked", task=task, reason=str(parked))
            raise
        except JobRefused as refused:
            _log.error("job refused", task=task, reason=str(refused))
            raise
        except Exception as error:
            _log.warning("job failed", task=task, owner=owner, error=type(error).__name__)
            raise

    return queue.task(name=CARRIER, retry=Patience())(carry)
