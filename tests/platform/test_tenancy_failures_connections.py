"""Known ways to mix houses up on connections and sessions, each with the test that shows it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg2 import extensions as driver
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from auctionhouse.catalogue.models import Conditions
from auctionxchange.kernel.database import Database, driver_url
from auctionxchange.kernel.errors import HouseSwitched, NoHouse
from auctionxchange.kernel.outbox import announce
from auctionxchange.tenancy.current import acting_for, current_house
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.setup import Addresses


@pytest.fixture
def one(addresses: Addresses) -> Iterator[Database]:
    """A database whose pool holds a single connection, so that every user gets the same."""
    made = Database(addresses.database_url, pool_size=1, max_overflow=0)
    yield made
    made.dispose()


def left_behind(database: Database) -> tuple[int, str, str]:
    """Return what a raw checkout finds: transaction state, role and path."""
    raw = database.engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        status = connection.info.transaction_status
        cursor = raw.cursor()
        cursor.execute("SELECT current_user, current_setting('search_path')")
        role, path = cursor.fetchone() or ("", "")
        return status, role, path
    finally:
        raw.close()


def clean(database: Database) -> tuple[int, str, str]:
    login = str(database.engine.url.username)
    return driver.TRANSACTION_STATUS_IDLE, login, '""'


def commits(database: Database, house: House) -> None:
    with database.house_connection(house) as connection:
        connection.execute(text("SELECT 1"))


def fails_in_sql(database: Database, house: House) -> None:
    with pytest.raises(DBAPIError), database.house_connection(house) as connection:
        connection.execute(text("SELECT * FROM nothing"))


def fails_in_python(database: Database, house: House) -> None:
    with pytest.raises(ZeroDivisionError), database.house_connection(house):
        raise ZeroDivisionError


def leaves_a_savepoint(database: Database, house: House) -> None:
    with database.house_session(house) as session:
        session.begin()
        session.begin_nested()
        session.execute(text("SELECT 1"))


def forgets_the_driver(database: Database, house: House) -> None:
    """Write to the driver behind SQLAlchemy's back and let the connection go."""
    raw = database.engine.raw_connection()
    raw.cursor().execute(
        f'BEGIN; SET LOCAL ROLE "{house.schema}"; SET LOCAL search_path = "{house.schema}"'
    )
    raw.close()


WAYS = [commits, fails_in_sql, fails_in_python, leaves_a_savepoint, forgets_the_driver]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: str(way.__name__))
def test_failure_02_in_process_pool_leak(
    one: Database, oak: House, elm: House, way: Callable[[Database, House], None]
) -> None:
    """Seen to fail with LOCAL taken out of the opening statement.

    For the connection left in a transaction: with the pool's reset guard taken out.
    """
    for house in (oak, elm):
        way(one, house)
        assert left_behind(one) == clean(one)


def test_failure_03_no_house_is_never_the_public(one: Database, oak: House) -> None:
    """Seen to fail with the NoHouse of the begin event taken out."""
    with pytest.raises(NoHouse), one.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    with pytest.raises(NoHouse), one.engine.begin() as connection:
        connection.execute(text("INSERT INTO conditions (version) VALUES (1)"))
    with one.platform_session() as session, pytest.raises(DBAPIError):
        session.execute(select(Conditions))
    with one.platform_connection() as connection:
        public = connection.execute(
            text("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        ).scalar_one()
    assert public == 0


def test_failure_04_autocommit_would_ignore_the_house(one: Database, oak: House) -> None:
    """Seen to fail with the guard on isolation levels taken out."""
    with pytest.raises(NoHouse):
        one.engine.execution_options(isolation_level="AUTOCOMMIT")
    with (
        one.house_session(oak) as session,
        pytest.raises(NoHouse),
    ):
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def test_failure_05_one_session_is_one_house_for_life(
    one: Database, oak: House, elm: House
) -> None:
    """Seen to fail with the scope's guard in the options and the check in acting_for taken out."""
    with one.house_session(oak) as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(HouseSwitched):
            session.require(elm)
        other = one.house_session(elm)
        options = other.get_bind().get_execution_options()
        with pytest.raises(HouseSwitched):
            session.connection().execution_options(**options)
    with acting_for(oak), pytest.raises(HouseSwitched), acting_for(elm):
        pass


def test_failure_06_context_lost_in_thread_and_generator(oak: House, elm: House) -> None:
    """Seen to fail with the bound house kept in a global instead of a context variable."""
    found: list[Any] = []

    def look() -> None:
        try:
            found.append(current_house())
        except NoHouse:
            found.append(None)

    with acting_for(oak):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    def stream() -> Iterator[str]:
        while True:
            yield current_house().slug

    with acting_for(oak):
        lines = stream()
        assert next(lines) == oak.slug
    with pytest.raises(NoHouse):
        next(lines)
    assert found == [None]


def test_failure_23_killed_thread_leaves_a_clean_connection(
    one: Database, oak: House, elm: House
) -> None:
    """Seen to fail with the rollback of a lost connection unguarded: its error hid the loss."""
    for _round in range(50):
        pid: list[int] = []
        started = threading.Event()

        def work(pid: list[int] = pid, started: threading.Event = started) -> None:
            with pytest.raises(DBAPIError), one.house_connection(oak) as connection:
                pid.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
                started.set()
                connection.execute(text("SELECT pg_sleep(30)"))

        thread = threading.Thread(target=work)
        thread.start()
        started.wait()
        killer = create_engine(one.engine.url)
        with killer.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid[0]})
        killer.dispose()
        thread.join()
        assert left_behind(one) == clean(one)
    with one.house_connection(elm) as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == elm.schema


_ABORTED = """
import sys
from sqlalchemy import text
from auctionxchange.kernel.database import Database, driver_url
class House: schema = sys.argv[2]
with Database(sys.argv[1]).house_connection(House) as connection:
    connection.execute(text("INSERT INTO conditions (version, title) VALUES (77001, 'half')"))
    print("written", flush=True)
    connection.execute(text("SELECT pg_sleep(60)"))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_failure_23_aborted_worker_leaves_nothing(
    addresses: Addresses, database: Database, oak: House, number: signal.Signals
) -> None:
    """Seen to fail with a COMMIT after the INSERT: the half-done row was there."""
    roots = os.pathsep.join(path for path in sys.path if path)
    worker = subprocess.Popen(
        [sys.executable, "-c", _ABORTED, addresses.database_url, oak.schema],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": roots},
    )
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == b"written"
        worker.send_signal(number)
        worker.wait()
    with database.house_connection(oak) as connection:
        rows = connection.execute(text("SELECT count(*) FROM conditions WHERE version = 77001"))
        assert rows.scalar_one() == 0


async def test_failure_23_cancelled_task_gives_its_connection_back(
    one: Database, oak: House, elm: House
) -> None:
    """Seen to fail with the context manager of house_connection replaced by a bare begin."""

    def slow(ready: threading.Event) -> None:
        with one.house_connection(oak) as connection:
            ready.set()
            connection.execute(text("SELECT pg_sleep(0.3)"))

    for _round in range(5):
        ready = threading.Event()
        task = asyncio.create_task(asyncio.to_thread(slow, ready))
        await asyncio.to_thread(ready.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        def use() -> str:
            with one.house_connection(elm) as connection:
                role: str = connection.execute(text("SELECT current_user")).scalar_one()
                return role

        assert await asyncio.to_thread(use) == elm.schema
    assert one.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_failure_18_role_escape_and_stick(database: Database, oak: House, elm: House) -> None:
    """Seen to fail with a GRANT of elm's schema to oak's role, and of oak's role with inheritance.

    A role can be left by those who write SQL, which is why no text of a visitor ever becomes
    SQL: the role stops mistakes. What it cannot do is read, write or speak for another house.
    """
    refused = [
        f'SELECT * FROM "{elm.schema}".member',
        f'INSERT INTO "{elm.schema}".conditions (version) VALUES (9)',
        "SELECT * FROM exchange.house",
        "SELECT * FROM exchange.outbox",
        "SELECT * FROM jobs.procrastinate_jobs",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        f"INSERT INTO exchange.outbox (house, kind, topic) VALUES ('{elm.schema}', 'live', 'x')",
    ]
    for statement in refused:
        with pytest.raises(DBAPIError) as error, database.house_connection(oak) as connection:
            connection.execute(text(statement))
        assert error.value.orig is not None
        assert getattr(error.value.orig, "pgcode", None) == "42501", statement
    with database.house_connection(oak) as connection:
        announce(connection, "sale:1", {"type": "notice"})


def test_failure_18_the_login_itself_is_powerless(addresses: Addresses, oak: House) -> None:
    """Seen to fail with INHERIT on the login: it read the house without becoming its role."""
    engine = create_engine(driver_url(addresses.database_url))
    for statement in (f'SELECT * FROM "{oak.schema}".member', "SELECT * FROM exchange.house"):
        with pytest.raises(DBAPIError) as error, engine.connect() as connection:
            connection.execute(text(statement))
        assert getattr(error.value.orig, "pgcode", None) == "42501"
    engine.dispose()
