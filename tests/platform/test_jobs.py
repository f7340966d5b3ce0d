"""From a house's transaction to a job done in that house, once, whoever stops in between."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from flask import current_app
from procrastinate.jobs import Job
from procrastinate.periodic import PeriodicDeferrer
from sqlalchemy import text

from auctionxchange.jobs.periodic import MISSED_SECONDS, add_periodics
from auctionxchange.jobs.queue import ATTEMPTS, Patience, take_up_stalled
from auctionxchange.jobs.registry import JobRefused, Registry
from auctionxchange.jobs.relay import relay_once
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.mail.message import MailInvalid
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.operations import resume_house, suspend_house
from factories.jobs import Bench, open_bench


@pytest.fixture
async def bench(settings: Settings, database: Database) -> AsyncIterator[Bench]:
    async with open_bench(settings, database) as made:
        yield made


def ask(database: Database, house: House, count: int = 1, **arguments: Any) -> None:
    with database.house_connection(house) as connection:
        for number in range(count):
            enqueue(connection, "note", number=number, **arguments)


async def test_two_relays_make_one_job_of_each_row(
    bench: Bench, settings: Settings, database: Database, oak: House, elm: House
) -> None:
    ask(database, oak, 150)
    ask(database, elm, 150)
    moved = 0
    async with asyncio.TaskGroup() as group:
        relays = [group.create_task(bench.relay()) for _ in range(6)]
    moved = sum(relay.result() for relay in relays) + await bench.relay() + await bench.relay()
    assert moved == 300
    rows = await bench.rows(
        "SELECT args->>'owner', args->'arguments'->>'number' FROM procrastinate_jobs"
    )
    wanted = {(house.schema, str(number)) for house in (oak, elm) for number in range(150)}
    assert len(rows) == 300
    assert {tuple(row) for row in rows} == wanted


async def test_a_relay_that_stops_half_way_moved_nothing(
    bench: Bench, database: Database, oak: House
) -> None:
    """Row and job change together: the second job failing takes the first one back."""
    ask(database, oak, 2)

    class Stops:
        def __init__(self) -> None:
            self.left = 1

        def configure(self, **options: Any) -> Any:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            return bench.carrier.configure(**options)

    with pytest.raises(KeyboardInterrupt):
        await relay_once(bench.queue, Stops())
    assert await bench.jobs() == []
    assert await bench.relay() == 2


async def test_what_was_rolled_back_is_no_job(bench: Bench, database: Database, oak: House) -> None:
    with database.house_session(oak) as session:
        enqueue(session, "note", number=1)
        session.rollback()
    assert await bench.relay() == 0


async def test_a_job_runs_in_its_house(
    bench: Bench, database: Database, oak: House, elm: House
) -> None:
    seen: list[tuple[str, str, str, int]] = []

    @bench.registry.house_task("note")
    def note(_services: Any, house: House, session: HouseSession, *, number: int) -> None:
        role = session.execute(text("SELECT current_user")).scalar_one()
        assert current_app
        seen.append((house.schema, current_house().schema, role, number))

    ask(database, oak)
    ask(database, elm)
    await bench.relay()
    await bench.work()
    assert sorted(seen) == sorted((h.schema, h.schema, h.schema, 0) for h in (oak, elm))


@pytest.mark.parametrize("owner", ["", "t_000000000000", "public", "oak"])
async def test_a_job_without_a_house_is_refused(bench: Bench, owner: str) -> None:
    """Failure 15: nothing runs, and it is not tried again."""
    ran: list[int] = []
    bench.registry.house_task("note")(lambda *_a, **_k: ran.append(1))
    await bench.carrier.defer_async(owner=owner, task="note", arguments={})
    await bench.work()
    assert ran == []
    assert [(job[0], job[1]) for job in await bench.jobs()] == [("failed", 1)]


async def test_a_house_cannot_ask_for_the_platforms_tasks(
    bench: Bench, database: Database, oak: House
) -> None:
    ran: list[int] = []
    bench.registry.platform_task("note")(lambda *_a, **_k: ran.append(1))
    ask(database, oak)
    await bench.relay()
    await bench.work()
    assert ran == []
    assert [job[0] for job in await bench.jobs()] == ["failed"]


async def test_a_suspended_houses_job_waits_until_it_is_back(
    bench: Bench, database: Database, elm: House
) -> None:
    """However often it waited, it has all its attempts left; seen to fail when waits counted."""
    ran: list[int] = []
    bench.registry.house_task("note")(lambda *_a, **_k: ran.append(1))
    with database.platform_session() as session, session.begin():
        suspend_house(session, "elm", reason="test", actor="test")
    bench.services.directory.forget()
    try:
        ask(database, elm)
        await bench.relay()
        for _ in range(3):
            await bench.work()
            waiting = [job for job in await bench.jobs() if job[0] == "todo"]
            assert [(job[1], job[2], job[3]) for job in waiting] == [(0, elm.schema, "note")]
            assert 30 < waiting[0][4] <= 60
            await bench.rows(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL"
                " WHERE status = 'todo' RETURNING id"
            )
        assert ran == []
    finally:
        with database.platform_session() as session, session.begin():
            resume_house(session, "elm", actor="test")
        bench.services.directory.forget()
    await bench.work()
    assert ran == [1]


async def test_a_failed_job_leaves_nothing_and_is_tried_again_later(
    bench: Bench, database: Database, oak: House
) -> None:
    @bench.registry.house_task("note")
    def note(_services: Any, _house: House, session: HouseSession, *, number: int) -> None:
        enqueue(session, "effect", number=number)
        raise RuntimeError("the mail server is away")

    ask(database, oak)
    await bench.relay()
    await bench.work()
    assert [job[:2] for job in await bench.jobs()] == [("todo", 1)]
    assert await bench.relay() == 0


def test_waits_grow_and_end() -> None:
    def wait(attempts: int, error: BaseException) -> float | None:
        job = Job(
            id=1, queue="work", lock=None, queueing_lock=None, task_name="job", attempts=attempts
        )
        decision = Patience().get_retry_decision(exception=error, job=job)
        if decision is None or decision.retry_at is None:
            return None
        return round((decision.retry_at - decision.retry_at.now(decision.retry_at.tzinfo)).seconds)

    assert wait(0, RuntimeError()) in {0, 1}
    assert wait(6, RuntimeError()) in {63, 64}
    assert wait(ATTEMPTS, RuntimeError()) is None
    assert wait(0, JobRefused("no house")) is None
    assert wait(0, MailInvalid()) is None


async def test_a_killed_workers_job_is_done_by_another(
    bench: Bench, database: Database, oak: House
) -> None:
    ran: list[int] = []
    bench.registry.house_task("note")(lambda *_a, **_k: ran.append(1))
    ask(database, oak)
    await bench.relay()
    await bench.rows(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead"
        " RETURNING dead.id"
    )
    await bench.work()
    assert ran == []
    assert await take_up_stalled(bench.queue) == 1
    await bench.work()
    assert ran == [1]


async def test_a_scheduled_task_is_a_job_at_each_active_house_and_never_twice(
    settings: Settings, database: Database, oak: House, elm: House
) -> None:
    done: list[str] = []
    registry = Registry()
    registry.house_task("look", every="*/10 * * * *")(lambda _s, house, _t: done.append(house.slug))
    registry.platform_task("count", every="7 3 * * *")(lambda _s, _t: done.append("platform"))
    async with open_bench(settings, database, registry) as bench:
        add_periodics(bench.queue, bench.carrier, registry, bench.services)
        deferrer = PeriodicDeferrer(bench.queue.periodic_registry, max_delay=MISSED_SECONDS)
        for _ in range(2):
            await deferrer.defer_jobs(deferrer.get_previous_tasks(at=time.time()))
        ticks = await bench.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tick'")
        assert ticks[0][0] <= len(registry.every)
        await bench.work()
        await bench.work()
    houses = [house.slug for house in bench.services.directory.all() if house.status == "active"]
    assert {oak.slug, elm.slug} <= set(houses)
    assert sorted(done) == sorted([*houses, "platform"])
