"""The job queue: procrastinate in its own schema, with one task that carries all of ours.

A job has its owner (a house's schema, or the platform's role), a task's name and arguments. A
failure is tried again later and later; a parked job comes back each minute until its house does.
Mails wait in a queue of their own, so that a slow mail server holds nothing else up.
"""

import asyncio
import logging
import smtplib
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from auctionxchange.jobs.registry import JobParked, JobRefused, Registry, WorkerServices, run_job
from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.logs import logger

PARKED_SECONDS = 60
ATTEMPTS = 12
LONGEST_WAIT_SECONDS = 3600
PERMANENT_REFUSAL = 500
CARRIER = "job"
WORK, MAIL = "work", "mail"
CONCURRENCY = {WORK: 4, MAIL: 3}
DATABASE_AWAY = (ConnectorException, psycopg.Error, OSError)
_log = logger("worker")


class Patience(BaseRetryStrategy):
    """When a failed job is tried again: after 1, 2, 4 … seconds, at most an hour, twelve times."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None to give up."""
        if is_final(exception) or job.attempts >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, LONGEST_WAIT_SECONDS)})


def is_final(error: BaseException) -> bool:
    """Tell whether trying again cannot help: no house, arguments nobody can use, no such reader."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_REFUSAL for code, _text in error.recipients.values())
    return isinstance(error, JobRefused | Invalid)


def queue_of(task: str) -> str:
    """Return the queue a task's jobs wait in."""
    return MAIL if task == "mail.send" else WORK


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
    connector = PsycopgConnector(
        conninfo=address,
        configure=prepare,
        kwargs={"application_name": "auctionxchange worker", "connect_timeout": 5},
        min_size=1,
        max_size=8,
    )
    return App(connector=connector)


def add_carrier(queue: App, registry: Registry, services: WorkerServices) -> Any:
    """Register the one task that runs all of ours and return it."""

    async def carry(context: JobContext, owner: str, task: str, arguments: dict[str, Any]) -> None:
        log = _log.bind(job=context.job.id, task=task, owner=owner)
        try:
            await _to_its_end(run_job, registry, services, owner, task, arguments)
            log.info("job done")
        except JobParked as parked:
            # A job of its own: the time a house was closed does not count as failures.
            log.info("job parked", reason=str(parked))
            again = carrier.configure(
                queue=context.job.queue, schedule_in={"seconds": PARKED_SECONDS}
            )
            await again.defer_async(owner=owner, task=task, arguments=arguments)
        except JobRefused as refused:
            log.error("job refused", reason=str(refused))  # noqa: TRY400 - the reason says all
            raise
        except Exception as error:
            log.warning("job failed", error=type(error).__name__, attempt=context.job.attempts + 1)
            raise

    carrier: Any = queue.task(name=CARRIER, retry=Patience(), pass_context=True)(carry)
    return carrier


async def _to_its_end(work: Any, *arguments: Any) -> None:
    """Run in a thread; who is told to stop waits, for a thread cannot be stopped half-way."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await running


async def take_up_stalled(queue: App) -> int:
    """Have the jobs of workers that were killed done again; returns how many."""
    stalled = list(await queue.job_manager.get_stalled_jobs())
    for job in stalled:
        _log.warning("job taken up again", job=job.id)
        if job.attempts >= ATTEMPTS:
            await queue.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await queue.job_manager.retry_job(job)
    return len(stalled)
