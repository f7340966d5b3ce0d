"""Commands on a house's members, for its operators and for setting up."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy import text

from auctionhouse.house_app import create_house_app
from auctionhouse.members.links import password_link
from auctionhouse.members.operations import create_member, set_password
from auctionhouse.seed import ROLES
from auctionxchange.accounts.passwords import read_password
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.cli import plainly, settings_from_environment
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.operations import HouseUnknown

members = AppGroup("members", help="Members of a house.")
from_pipe = click.option("--stdin", "from_stdin", is_flag=True, help="Read it from a pipe.")


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, Directory]]:
    """Open the database and its houses for one command."""
    database = Database(settings.database_url, secret_key=settings.secret_key)
    try:
        yield database, Directory(database, settings)
    finally:
        database.dispose()


def named(directory: Directory, slug: str) -> House:
    """Return the house with a short name; raises HouseUnknown."""
    house = directory.by_slug(slug)
    if house is None:
        raise HouseUnknown(slug=slug)
    return house


@members.command("set-password", with_appcontext=False)
@click.argument("house")
@click.argument("email")
@from_pipe
@plainly
def _set_password(house: str, email: str, *, from_stdin: bool) -> None:
    """Set a member's password and sign them out everywhere."""
    with opened(settings_from_environment()) as (database, directory):
        found = named(directory, house)
        password = read_password(from_stdin=from_stdin)
        with database.house_session(found) as session, session.begin():
            set_password(session, email, password)
    click.echo(f"The password of {email} was set.")


@members.command("create", with_appcontext=False)
@click.argument("house")
@click.argument("email")
@click.option("--name", required=True)
@click.option(
    "--role", "roles", type=click.Choice(tuple(ROLES)), multiple=True, default=("bidder",)
)
@from_pipe
@plainly
def _create(house: str, email: str, name: str, roles: tuple[str, ...], *, from_stdin: bool) -> None:
    """Create a member whose address counts as confirmed."""
    with opened(settings_from_environment()) as (database, directory):
        found = named(directory, house)
        password = read_password(from_stdin=from_stdin)
        with database.house_session(found) as session, session.begin():
            create_member(session, email=email, name=name, password_hash=password, roles=roles)
    click.echo(f"Created {email} at {house}.")


@members.command("password-link", with_appcontext=False)
@click.argument("house")
@click.argument("email")
@plainly
def _password_link(house: str, email: str) -> None:
    """Print an address where a member sets a password; it works once and for a day."""
    settings = settings_from_environment()
    with opened(settings) as (database, directory):
        app = create_house_app(settings, database, directory)
        click.echo(password_link(app, settings, named(directory, house), email))


def owners_first_step(settings: Settings, schema: str) -> str | None:
    """Tell how the owner of a house just made gets in."""
    with opened(settings) as (database, directory):
        house = directory.by_schema(schema)
        if house is None:
            return None
        with database.house_session(house) as session:
            email = session.execute(_OWNER).scalar_one()
        app = create_house_app(settings, database, directory)
        link = password_link(app, settings, house, email)
        return f"{email} sets a password within a day at {link}"


_OWNER = text(
    "SELECT m.email FROM member m JOIN member_role mr ON mr.member_id = m.id"
    " JOIN role r ON r.id = mr.role_id WHERE r.name = 'owner' ORDER BY m.id LIMIT 1"
)
