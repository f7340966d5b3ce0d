"""Commands on operators, who are never made on a page."""

import click
from flask.cli import AppGroup

from auctionxchange.accounts.operators import OPERATOR_ROLES, create_operator
from auctionxchange.accounts.passwords import read_password
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.cli import ACTOR, plainly, settings_from_environment
from auctionxchange.tenancy.operations import record

operators = AppGroup("operators", help="People who run the exchange.")


@operators.command("create", with_appcontext=False)
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice(OPERATOR_ROLES), default="owner", show_default=True)
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password from a pipe.")
@plainly
def _create(email: str, name: str, role: str, *, from_stdin: bool) -> None:
    """Create an operator, or set a new password and role; signs the operator out everywhere."""
    password = read_password(from_stdin=from_stdin)
    with Database(settings_from_environment().database_url).platform_session() as session:
        operator = create_operator(
            session, email=email, name=name, password_hash=password, role=role
        )
        record(session, actor=ACTOR, action="operator.create", subject=operator.email)
        session.commit()
    click.echo(f"{email} may sign in at the console.")
