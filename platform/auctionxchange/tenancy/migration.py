"""Bringing the shared tables and every house to their newest revision.

A house is migrated in one transaction under an advisory lock, by processes and never by threads,
because Alembic's context is global. What happened is kept in a ledger; a failure at one house
does not stop the others, and a second run goes on where the first was killed.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from alembic import command
from sqlalchemy import Connection, Engine, text

from auctionxchange.kernel.database import house_scope
from auctionxchange.tenancy.histories import HOUSES, PLATFORM, head, history
from auctionxchange.tenancy.provisioning import grant_tables, owner_engine, owner_role_names

LOCK_TIMEOUT = "5s"
LOOK_AGAIN_SECONDS = 1.0
_PLATFORM_LOCK = "auctionxchange:platform"


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of one house: state is current, done, waiting (for another runner) or failed."""

    schema: str
    state: str
    revision: str | None = None
    error: str | None = None


def migrate_platform(admin_url: str) -> None:
    """Bring the shared tables to their head; waits for another runner and then finds no work."""
    engine = owner_engine(admin_url)
    with engine.begin() as connection:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": _PLATFORM_LOCK},
        )
        config = history(PLATFORM)
        config.attributes["connection"] = connection
        config.attributes["roles"] = owner_role_names(engine)
        command.upgrade(config, "head")
    engine.dispose()


def platform_revision(engine: Engine) -> str | None:
    """Return the revision of the shared tables; None where there are none yet."""
    with engine.connect() as connection:
        table = "exchange.alembic_version"
        if (
            connection.execute(text("SELECT to_regclass(:table)"), {"table": table}).scalar()
            is None
        ):
            return None
        revision: str | None = connection.exec_driver_sql(
            "SELECT version_num FROM exchange.alembic_version"
        ).scalar()
        return revision


def houses_behind(engine: Engine) -> list[tuple[str, str | None]]:
    """Return schema and revision of every house that is not at head, read directly."""
    target = head(HOUSES)
    with engine.connect() as connection:
        schemas = connection.execute(
            text("SELECT schema FROM exchange.house WHERE status NOT IN ('provisioning','deleted')")
        ).scalars()
        found = [(schema, _revision(connection, schema)) for schema in list(schemas)]
    return [(schema, revision) for schema, revision in found if revision != target]


def migrate_houses(admin_url: str, *, processes: int = 2) -> list[Migrated]:
    """Bring every house to its head and return what happened to those that were behind.

    Where another runner holds a house it is waited for: who comes back finds all houses done.
    """
    engine = owner_engine(admin_url)
    behind = [schema for schema, _ in houses_behind(engine)]
    engine.dispose()
    if not behind:
        return []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(migrate_house, [admin_url] * len(behind), behind))
        while waiting := [one.schema for one in results if one.state == "waiting"]:
            time.sleep(LOOK_AGAIN_SECONDS)
            again = pool.map(migrate_house, [admin_url] * len(waiting), waiting)
            results = [one for one in results if one.state != "waiting"] + list(again)
    return results


def migrate_house(admin_url: str, schema: str) -> Migrated:
    """Migrate one house in one transaction and write the ledger."""
    engine = owner_engine(admin_url)
    try:
        _note(engine, schema, "running")
        with engine.begin() as connection:
            result = _upgrade(connection, schema)
    except Exception as error:  # noqa: BLE001 - the ledger keeps it and the next house goes on
        result = Migrated(schema, "failed", error=f"{type(error).__name__}: {error}"[:2000])
    if result.state != "waiting":
        _note(engine, schema, result.state, revision=result.revision, error=result.error)
    engine.dispose()
    return result


def _upgrade(connection: Connection, schema: str) -> Migrated:
    scope = house_scope(schema)
    locked = connection.execute(
        text("SELECT pg_try_advisory_xact_lock(hashtextextended(:schema, 1))"), {"schema": schema}
    ).scalar_one()
    if not locked:
        return Migrated(schema, "waiting")
    connection.exec_driver_sql(f"SET LOCAL search_path = {scope.path}")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    target = head(HOUSES)
    if _revision(connection, schema) == target:
        return Migrated(schema, "current", target)
    config = history(HOUSES)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    grant_tables(connection.connection.cursor(), schema)
    return Migrated(schema, "done", target)


def _revision(connection: Connection, schema: str) -> str | None:
    house_scope(schema)
    table = f'"{schema}".alembic_version_tenant'
    exists = connection.execute(text("SELECT to_regclass(:table)"), {"table": table}).scalar()
    if exists is None:
        return None
    revision: str | None = connection.exec_driver_sql(
        f"SELECT version_num FROM {table}"  # noqa: S608 - the schema's form was checked
    ).scalar()
    return revision


def _note(
    engine: Engine,
    schema: str,
    state: str,
    *,
    revision: str | None = None,
    error: str | None = None,
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO exchange.migration AS m (house_schema, revision, state, error,"
                " started_at) VALUES (:schema, :revision, :state, :error, clock_timestamp())"
                " ON CONFLICT (house_schema) DO UPDATE SET state = :state, error = :error,"
                " revision = COALESCE(:revision, m.revision),"
                " started_at = CASE WHEN :state = 'running' THEN clock_timestamp()"
                " ELSE m.started_at END,"
                " finished_at = CASE WHEN :state = 'running' THEN NULL"
                " ELSE clock_timestamp() END"
            ),
            {"schema": schema, "state": state, "revision": revision, "error": error},
        )
