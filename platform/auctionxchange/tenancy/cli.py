"""Commands for the people who run the installation: houses, migrations, the database."""

import json
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, ProgrammingError

from auctionxchange.kernel.config import SettingInvalid, Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy import operations
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.histories import HOUSES, PLATFORM, head
from auctionxchange.tenancy.migration import (
    houses_behind,
    migrate_houses,
    migrate_platform,
    platform_revision,
)
from auctionxchange.tenancy.provisioning import NewHouse, Seed, create_house, owner_engine
from auctionxchange.tenancy.setup import set_up

ACTOR = "command line"
MOST_PROCESSES = 64
NOT_SET_UP = {"3F000", "42P01", "42704", "22023"}
"""PostgreSQL's codes for a schema, a table or a role that is not there."""


def plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals, and a database that is away or not set up, into a sentence and exit code 1."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except DomainError as error:
            raise click.ClickException(error.message()) from error
        except SettingInvalid as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            raise click.ClickException(
                f"The database does not answer: {_first_line(error)}"
            ) from error
        except (DataError, ProgrammingError) as error:
            if getattr(error.orig, "pgcode", None) not in NOT_SET_UP:
                raise
            advice = "run database setup, then migrate"
            raise click.ClickException(f"{_first_line(error)}: {advice}.") from error

    return told


def _first_line(error: DBAPIError) -> str:
    """Return what the server or the driver said, without statement and address of a manual."""
    return str(error.orig).strip().partition("\n")[0]


def settings_from_environment() -> Settings:
    """Read the settings when a command needs them, so that others run without."""
    return load_settings(os.environ)


def admin_url(settings: Settings) -> str:
    """Return the owner's address; raises SettingInvalid where it is not set."""
    if settings.database_admin_url is None:
        raise SettingInvalid("DATABASE_ADMIN_URL", "set the owner's address for this command")
    return settings.database_admin_url


def house_commands(seed: Seed, after_creation: Callable[[Settings, str], str | None]) -> AppGroup:
    """Build the group "houses"; seed fills a new house, after_creation tells what to do next."""
    group = AppGroup("houses", help="Create, list, suspend and resume houses.")
    _add_create(group, seed, after_creation)
    group.add_command(_list)
    group.add_command(_suspend)
    group.add_command(_resume)
    return group


def _add_create(
    group: AppGroup, seed: Seed, after_creation: Callable[[Settings, str], str | None]
) -> None:
    @group.command("create", help="Create a house and open it.", with_appcontext=False)
    @click.argument("slug")
    @click.option("--name", required=True)
    @click.option("--currency", required=True, help="ISO 4217, such as GBP.")
    @click.option("--time-zone", required=True, help="Such as Europe/London.")
    @click.option("--country", required=True, help="Two letters, such as GB.")
    @click.option("--language", required=True, help="The first language, such as en.")
    @click.option("--also", "more", multiple=True, help="A further language; may be repeated.")
    @click.option("--theme", default="base", show_default=True)
    @click.option("--owner", required=True, help="E-mail address of the first owner.")
    @plainly
    def create(slug: str, owner: str, more: tuple[str, ...], **profile: str) -> None:
        settings = settings_from_environment()
        languages = tuple(dict.fromkeys((profile["language"], *more)))
        new = NewHouse(slug=slug, owner_email=owner, languages=languages, **profile)
        engine = owner_engine(admin_url(settings))
        schema = create_house(engine, new, seed, actor=ACTOR)
        engine.dispose()
        click.echo(f"Created {slug} ({schema}).")
        advice = after_creation(settings, schema)
        if advice:
            click.echo(advice)


@click.command("list", help="List all houses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@plainly
def _list(*, as_json: bool) -> None:
    settings = settings_from_environment()
    houses = Directory(Database(settings.database_url), settings).all()
    rows = [
        {
            "slug": house.slug,
            "name": house.name,
            "status": house.status,
            "currency": house.currency,
            "schema": house.schema,
            "url": house.url(settings),
        }
        for house in houses
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        click.echo("There is no house yet; houses create makes one.")
    for row in rows:
        click.echo(f"{row['slug']:<20} {row['status']:<13} {row['currency']:<4} {row['name']}")


@click.command("suspend", help="Take a house off the air.")
@click.argument("slug")
@click.option("--reason", required=True)
@plainly
def _suspend(slug: str, reason: str) -> None:
    with Database(settings_from_environment().database_url).platform_session() as session:
        operations.suspend_house(session, slug, reason=reason, actor=ACTOR)
        session.commit()
    click.echo(f"Suspended {slug}.")


@click.command("resume", help="Put a suspended house back on the air.")
@click.argument("slug")
@plainly
def _resume(slug: str) -> None:
    with Database(settings_from_environment().database_url).platform_session() as session:
        operations.resume_house(session, slug, actor=ACTOR)
        session.commit()
    click.echo(f"Resumed {slug}.")


@click.command("migrate", help="Bring the shared tables and all houses to the newest revision.")
@click.option("--dry-run", is_flag=True, help="Only tell what is behind.")
@click.option("--processes", type=click.IntRange(1, MOST_PROCESSES), default=2, show_default=True)
@plainly
def migrate(*, dry_run: bool, processes: int) -> None:
    """Migrate the platform, then every house; exits 1 if any house failed."""
    url = admin_url(settings_from_environment())
    if dry_run:
        _tell_what_is_behind(url)
        return
    migrate_platform(url)
    results = migrate_houses(url, processes=processes)
    for result in results:
        click.echo(f"{result.schema} {result.state} {result.error or ''}".rstrip())
    click.echo(f"{len(results)} houses were behind.")
    if any(result.state == "failed" for result in results):
        raise SystemExit(1)


def _tell_what_is_behind(url: str) -> None:
    engine = owner_engine(url)
    here, newest = platform_revision(engine), head(PLATFORM)
    click.echo(f"The shared tables are at {here or 'nothing'}; the newest is {newest}.")
    behind = houses_behind(engine) if here else []
    for schema, revision in behind:
        click.echo(f"{schema} is at {revision or 'nothing'}")
    click.echo(f"{len(behind)} houses are behind; the newest is {head(HOUSES)}.")
    engine.dispose()


database = AppGroup("database", help="Prepare the database server.")


@database.command(
    "setup",
    help="Make roles, database and schemas from a superuser's address, taken from DATABASE_URL.",
    with_appcontext=False,
)
@click.option("--superuser", envvar="DATABASE_URL", required=True, help="A superuser's address.")
@click.option("--name", default="auctionxchange", show_default=True)
@plainly
def _setup(superuser: str, name: str) -> None:
    addresses = set_up(superuser, name)
    migrate_platform(addresses.database_admin_url)
    click.echo(f"DATABASE_URL={addresses.database_url}")
    click.echo(f"DATABASE_ADMIN_URL={addresses.database_admin_url}")
