"""Following the outbox: late commits are seen, in an order that a cursor may trust."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.outbox import announce
from auctionxchange.live import tail
from auctionxchange.live.tail import Outbox, persist
from auctionxchange.live.wire import Event, Position
from auctionxchange.tenancy.house import House


@pytest.fixture
async def outbox(settings: Settings, database: Database) -> AsyncIterator[Outbox]:
    made = Outbox(settings.database_url, database.platform_scope.role)
    yield made
    await made.close()


async def here(outbox: Outbox) -> Position:
    """Return the position of the last settled event, or the start."""
    latest = await outbox.recent(1)
    return latest[0].position if latest else Position(0, 0)


def say(connection: Connection, number: int) -> None:
    announce(connection, "sale:900001", {"type": "notice", "number": number})


def numbers(events: list[Event]) -> list[Any]:
    return [event.payload["number"] for event in events]


async def test_an_early_row_committed_late_is_not_passed(
    outbox: Outbox, database: Database, oak: House
) -> None:
    """Seen to fail with the snapshot's bound taken out: 2 was read first and 1 never."""
    start = await here(outbox)
    with database.house_connection(oak) as slow:
        say(slow, 1)
        with database.house_connection(oak) as quick:
            say(quick, 2)
        assert await outbox.after(start) == []
    assert numbers(await outbox.after(start)) == [1, 2]


async def test_two_writers_that_take_turns_are_read_once_each(
    outbox: Outbox, database: Database, oak: House
) -> None:
    start = position = await here(outbox)
    seen: list[int] = []
    for first in range(0, 8, 2):
        with database.house_connection(oak) as one:
            say(one, first)
            with database.house_connection(oak) as other:
                say(other, first + 1)
            events = await outbox.after(position)
            seen += numbers(events)
            position = events[-1].position if events else position
    seen += numbers(await outbox.after(position))
    assert sorted(seen) == list(range(8))
    assert numbers(await outbox.after(start)) == seen


async def test_what_was_rolled_back_is_never_told(
    outbox: Outbox, database: Database, oak: House
) -> None:
    start = await here(outbox)
    with database.house_session(oak) as session:
        say(session.connection(), 1)
        session.rollback()
    assert await outbox.after(start) == []


async def test_a_house_speaks_in_its_own_name_only(
    outbox: Outbox, database: Database, oak: House, elm: House
) -> None:
    start = await here(outbox)
    with database.house_connection(elm) as connection:
        say(connection, 1)
    until = await here(outbox)
    assert await outbox.missed(oak.schema, ["sale:900001"], start, until) == []
    missed = await outbox.missed(elm.schema, ["sale:900001", "sale:900002"], start, until)
    assert missed is not None
    assert [event.house for event in missed] == [elm.schema]


async def test_too_much_or_too_old_to_repeat_is_said(
    outbox: Outbox, database: Database, oak: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await here(outbox)
    with database.house_connection(oak) as connection:
        for number in range(3):
            say(connection, number)
    until = await here(outbox)
    monkeypatch.setattr(tail, "AT_ONCE", 3)
    assert await outbox.missed(oak.schema, ["sale:900001"], start, until) is None
    swept = Position(1, 0)
    assert await outbox.missed(oak.schema, ["sale:9"], swept, until) is None


async def test_a_lost_connection_is_opened_again(
    outbox: Outbox, database: Database, oak: House
) -> None:
    start = await here(outbox)
    pid = (await outbox._run("SELECT pg_backend_pid()", ()))[0][0]
    with database.platform_connection() as connection:
        # Of the login itself, so no power over others is needed.
        connection.execute(text("RESET ROLE"))
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with database.house_connection(oak) as connection:
        say(connection, 1)
    events = await persist("test", outbox, lambda: outbox.after(start))
    assert numbers(events) == [1]


async def test_a_cancelled_question_leaves_nothing_half_done(
    outbox: Outbox, database: Database, oak: House
) -> None:
    """Seen to fail without closing: the next question met a transaction still open."""
    start = await here(outbox)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await outbox._run("SELECT pg_sleep(5)", ())
    with database.house_connection(oak) as connection:
        say(connection, 1)
    assert numbers(await outbox.after(start)) == [1]
