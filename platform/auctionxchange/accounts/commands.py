"""Commands on operators, who are never made on a page."""

import sys

import click
from flask.cli import AppGroup

from auctionxchange.accounts.operators import OPERATOR_ROLES, create_operator
from auctionxchange.accounts.passwords import hashed
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.cli import plainly, settings_from_environment

operators = AppGroup("operators", help="People who run the exchange.")


@operators.command("create", with_appcontext=False)
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice(OPERATOR_ROLES), default="owner", show_default=True)
@plainly
def _create(email: str, name: str, role: str) -> None:
    """Create an operator, or set a new password; it is read from standard input."""
    password = hashed(sys.stdin.readline().strip())
    with Database(settings_from_environment().database_url).platform_session() as session:
        create_operator(session, email=email, name=name, password_hash=password, role=role)
        session.commit()
    click.echo(f"{email} may sign in at the console.")
