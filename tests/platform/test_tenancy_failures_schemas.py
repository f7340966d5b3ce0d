"""Known ways to break schemas while they are made, changed and copied, each with its test."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from auctionhouse.seed import seed_house
from auctionxchange.kernel.database import Database, driver_url
from auctionxchange.tenancy import histories, migration
from auctionxchange.tenancy.fingerprint import fingerprint, schema_lines
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.migration import houses_behind, migrate_house, migrate_platform
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses, set_up
from factories.copies import copy_house
from factories.houses import make_house

_REVISION = '''
"""A second revision, slow in the middle."""

import time

from alembic import op

revision = "second"
down_revision = "NEWEST"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sale ADD COLUMN first_half text")
    print("half", flush=True)
    time.sleep(SLOWLY)
    op.execute("ALTER TABLE sale ADD COLUMN second_half text")
'''


def second(seconds: int) -> str:
    """Return the revision after the newest one, with a pause in its middle."""
    newest = histories.head(histories.HOUSES)
    return _REVISION.replace("SLOWLY", str(seconds)).replace("NEWEST", newest)


@pytest.fixture(scope="module")
def own(superuser_url: str) -> Addresses:
    """An installation of these tests' own, whose houses they may migrate."""
    made = set_up(superuser_url, f"ax_schemas_{os.getpid()}")
    migrate_platform(made.database_admin_url)
    return made


@pytest.fixture
def engine(own: Addresses) -> Iterator[Engine]:
    """A connection of the role that owns the objects."""
    made = owner_engine(own.database_admin_url)
    yield made
    made.dispose()


@pytest.fixture
def longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The houses' history with a second revision, which the running code takes for its own."""
    folder = tmp_path / "tenants"
    shutil.copytree(histories.HOUSES, folder)
    (folder / "versions" / "second.py").write_text(second(0))
    monkeypatch.setattr(migration, "HOUSES", folder)
    yield folder
    histories.head.cache_clear()


def columns(engine: Engine, schema: str) -> set[str]:
    """Return which halves of the second revision a house has."""
    with engine.connect() as connection:
        lines = schema_lines(connection, schema)
    return {half for half in ("first_half", "second_half") if any(half in line for line in lines)}


_RUNNER = """
import sys
from pathlib import Path
from auctionxchange.tenancy import migration
migration.HOUSES = Path(sys.argv[3])
print(migration.migrate_house(sys.argv[1], sys.argv[2]).state, flush=True)
"""


def runner(own: Addresses, schema: str, history: Path) -> subprocess.Popen[bytes]:
    """Migrate a house in a process of its own."""
    roots = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-c", _RUNNER, own.database_admin_url, schema, str(history)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": roots},
    )


def slowed(history: Path, tmp_path: Path, seconds: int) -> Path:
    """Return the same history with a pause in the middle of the second revision."""
    folder = tmp_path / "slow"
    shutil.copytree(history, folder)
    (folder / "versions" / "second.py").write_text(second(seconds))
    return folder


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_failure_12_a_killed_migration_leaves_a_house_wholly_old(
    own: Addresses, engine: Engine, longer: Path, tmp_path: Path
) -> None:
    """Seen to fail with a COMMIT between the halves: the house had one half, and the rerun died."""
    schemas = [make_house(engine, seed_house) for _number in range(3)]
    process = runner(own, schemas[0], slowed(longer, tmp_path, 60))
    with process:
        assert first_line(process) == b"half"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert columns(engine, schemas[0]) == set()
    assert {schema for schema, _revision in houses_behind(engine)} >= set(schemas)
    for schema in schemas:
        assert migrate_house(own.database_admin_url, schema).state == "done"
        assert columns(engine, schema) == {"first_half", "second_half"}
    with engine.connect() as connection:
        states = connection.execute(
            text("SELECT DISTINCT state FROM exchange.migration WHERE house_schema = ANY(:s)"),
            {"s": schemas},
        )
        assert list(states.scalars()) == ["done"]


def test_failure_12_a_failure_at_one_house_stops_no_other(
    own: Addresses, engine: Engine, longer: Path
) -> None:
    """Seen to fail with the exception of one house let through."""
    broken, sound = make_house(engine, seed_house), make_house(engine, seed_house)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{broken}".sale ADD COLUMN first_half text')
    results = [migrate_house(own.database_admin_url, schema) for schema in (broken, sound)]
    assert [result.state for result in results] == ["failed", "done"]
    assert "first_half" in str(results[0].error)
    assert columns(engine, broken) == {"first_half"}


def test_failure_13_of_two_runners_one_waits(
    own: Addresses, engine: Engine, longer: Path, tmp_path: Path
) -> None:
    """Seen to fail with the advisory lock taken out: the second one ran into the first."""
    schema, other = make_house(engine, seed_house), make_house(engine, seed_house)
    process = runner(own, schema, slowed(longer, tmp_path, 3))
    with process:
        assert first_line(process) == b"half"
        assert migrate_house(own.database_admin_url, schema).state == "waiting"
        assert migrate_house(own.database_admin_url, other).state == "done"
        assert first_line(process) == b"done"
    assert migrate_house(own.database_admin_url, schema).state == "current"
    with engine.connect() as connection:
        assert schema_lines(connection, schema) == schema_lines(connection, other)


def test_failure_13_houses_are_migrated_by_processes(own: Addresses, engine: Engine) -> None:
    """Alembic's context is global, so threads must not share it; processes do not."""
    schemas = [make_house(engine, seed_house) for _number in range(3)]
    for schema in schemas:
        emptied(engine, schema)
    results = migration.migrate_houses(own.database_admin_url, processes=2)
    states = {result.schema: result.state for result in results}
    assert {states[schema] for schema in schemas} == {"done"}


def test_failure_13_the_second_runner_comes_back_with_all_houses_done(
    own: Addresses, engine: Engine
) -> None:
    """Seen to fail with the loop left out: a deployment went on while a house was behind."""
    schema = make_house(engine, seed_house)
    emptied(engine, schema)
    with engine.connect() as holder, ThreadPoolExecutor(1) as pool:
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:schema, 1))")
        holder.execute(lock, {"schema": schema})
        second = pool.submit(migration.migrate_houses, own.database_admin_url)
        begun: set[object] = set()
        while len(begun) < 3 and not second.done():
            begun.add(tried_at(engine, schema))
        assert len(begun) == 3, "it has to look again while the first runner is at work"
        holder.rollback()
        assert {one.schema: one.state for one in second.result()}[schema] == "done"


def tried_at(engine: Engine, schema: str) -> object:
    """Return when a house's migration was last begun."""
    with engine.connect() as connection:
        query = text("SELECT started_at FROM exchange.migration WHERE house_schema = :schema")
        return connection.execute(query, {"schema": schema}).scalar()


def emptied(engine: Engine, schema: str) -> None:
    """Take a house's tables away, so that its migrations run online from the beginning."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f'DROP SCHEMA "{schema}" CASCADE')
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA "{schema}" TO "{schema}"')


def test_failure_14_created_migrated_and_copied_houses_are_alike(
    own: Addresses, engine: Engine, superuser_url: str
) -> None:
    """Seen to fail with an index added to one of them, and with grant_tables left out."""
    created = make_house(engine, seed_house)
    migrated = make_house(engine, seed_house)
    emptied(engine, migrated)
    assert migrate_house(own.database_admin_url, migrated).state == "done"
    inside = create_engine(driver_url(superuser_url.rpartition("/")[0] + f"/{engine.url.database}"))
    copied = copy_house(inside, created, slug=f"copy{os.getpid()}", owner=engine)
    inside.dispose()
    with engine.connect() as connection:
        found = [schema_lines(connection, schema) for schema in (created, migrated, copied)]
        hashes = {fingerprint(connection, schema) for schema in (created, migrated, copied)}
    assert found[0] == found[1] == found[2]
    assert len(hashes) == 1


def test_a_house_half_made_is_not_there(own: Addresses, engine: Engine) -> None:
    """A seed that fails leaves no row, no role and no schema."""

    def failing(_connection: Any, _new: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make_house(engine, failing, slug="half-made")
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM exchange.house WHERE slug = 'half-made'")
        )
        assert left.scalar_one() == 0


def test_many_houses_are_made_at_once(own: Addresses) -> None:
    def make(_number: int) -> str:
        engine = owner_engine(own.database_admin_url)
        try:
            return make_house(engine, seed_house)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(make, range(8)))
    assert len(set(made)) == 8


def test_a_routed_house_without_its_schema_is_unavailable(database: Database, oak: House) -> None:
    """A transaction for a schema that is not there fails; it never finds another's tables."""

    class Gone:
        schema = "t_0123456789abcdef"

    with (
        pytest.raises(DBAPIError, match="does not exist"),
        database.house_connection(Gone()),
    ):
        pass
