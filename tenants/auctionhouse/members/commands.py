"""Commands on a house's members, for its operators and for setting up."""

import sys

import click
from flask.cli import AppGroup

from auctionhouse.members.operations import create_member, set_password
from auctionxchange.accounts.passwords import hashed
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.cli import plainly, settings_from_environment
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.operations import HouseUnknown

members = AppGroup("members", help="Members of a house.")


def open_house(slug: str) -> tuple[Database, House]:
    """Return the database and a house by its short name; raises HouseUnknown."""
    settings = settings_from_environment()
    database = Database(settings.database_url)
    house = Directory(database, settings).by_slug(slug)
    if house is None:
        raise HouseUnknown(slug=slug)
    return database, house


@members.command("set-password", with_appcontext=False)
@click.argument("house")
@click.argument("email")
@plainly
def _set_password(house: str, email: str) -> None:
    """Set a member's password, read from standard input."""
    database, found = open_house(house)
    with database.house_session(found) as session:
        set_password(session, email, hashed(sys.stdin.readline().strip()))
        session.commit()
    click.echo(f"The password of {email} was set.")


@members.command("create", with_appcontext=False)
@click.argument("house")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, default=("bidder",), show_default=True)
@plainly
def _create(house: str, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Create a confirmed member; the password is read from standard input."""
    database, found = open_house(house)
    password = hashed(sys.stdin.readline().strip())
    with database.house_session(found) as session:
        create_member(session, email=email, name=name, password_hash=password, roles=roles)
        session.commit()
    click.echo(f"Created {email} at {house}.")
