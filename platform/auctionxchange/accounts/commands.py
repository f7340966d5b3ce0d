"""Commands on operators, who are never made on a page."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from auctionxchange.accounts.models import Operator
from auctionxchange.accounts.operators import OPERATOR_ROLES, block_operator, create_operator
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


@operators.command("list", with_appcontext=False)
@plainly
def _list() -> None:
    """List operators with their roles and whether they may sign in."""
    with Database(settings_from_environment().database_url).platform_session() as session:
        for operator in session.scalars(select(Operator).order_by(Operator.email)):
            roles = ", ".join(role.name for role in operator.roles)
            state = "active" if operator.active else "blocked"
            click.echo(f"{operator.email:<40} {state:<8} {roles}")


@operators.command("block", with_appcontext=False)
@click.argument("email")
@click.option("--reason", required=True)
@plainly
def _block(email: str, reason: str) -> None:
    """Sign an operator out everywhere and let them in no more."""
    _change(email, "operator.block", reason, blocked=True)
    click.echo(f"{email} is out.")


@operators.command("unblock", with_appcontext=False)
@click.argument("email")
@click.option("--reason", default=None)
@plainly
def _unblock(email: str, reason: str | None) -> None:
    """Let a blocked operator sign in again."""
    _change(email, "operator.unblock", reason, blocked=False)
    click.echo(f"{email} may sign in again.")


def _change(email: str, action: str, reason: str | None, *, blocked: bool) -> None:
    with Database(settings_from_environment().database_url).platform_session() as session:
        operator = block_operator(session, email, blocked=blocked)
        record(session, actor=ACTOR, action=action, subject=operator.email, reason=reason)
        session.commit()
