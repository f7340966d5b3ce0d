"""Commands on a house's payments, for its operators."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from auctionhouse.members.commands import named, opened
from auctionhouse.payments.charging import renew_holds, resume_lost
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.reconciliation import reconcile
from auctionxchange.payments.accounts import account_of
from auctionxchange.payments.commands import payments
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.payments.refusals import NotConnected
from auctionxchange.tenancy.cli import plainly, settings_from_environment

entity_option = click.option("--entity", default=1, show_default=True, help="The legal entity.")


@contextmanager
def opened_desk(slug: str) -> Iterator[Desk]:
    """Open a house's desk for one command."""
    settings = settings_from_environment()
    with opened(settings) as (database, directory):
        yield Desk(settings, database, named(directory, slug), make_gateway(settings))


@payments.command("reconcile", with_appcontext=False)
@click.argument("house")
@entity_option
@plainly
def _reconcile(house: str, entity: int) -> None:
    """List what Stripe's books and ours do not say alike; exits with 1 where anything differs."""
    with opened_desk(house) as desk:
        account = account_of(desk.database, desk.house, entity)
        if account is None:
            raise NotConnected
        differences = reconcile(desk, account)
    for line in differences:
        click.echo(f"{line.kind} {line.name}: {line.at_stripe} against {line.with_us}")
    click.echo(f"{len(differences)} differences.")
    if differences:
        raise SystemExit(1)


@payments.command("resume", with_appcontext=False)
@click.argument("house")
@plainly
def _resume(house: str) -> None:
    """Work again on attempts without an outcome, and renew holds that expired."""
    with opened_desk(house) as desk:
        click.echo(f"{resume_lost(desk)} attempts are worked on again.")
        click.echo(f"{len(renew_holds(desk))} holds were renewed.")
