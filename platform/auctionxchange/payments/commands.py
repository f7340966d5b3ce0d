"""Commands of payments: fetch what webhooks did not bring, and list what was kept aside."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from auctionxchange.kernel.database import Database
from auctionxchange.payments.backfill import fetch_events
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.payments.inbox import work_again
from auctionxchange.payments.models import StripeEvent
from auctionxchange.tenancy.cli import plainly, settings_from_environment

payments = AppGroup("payments", help="What Stripe told, and what it did not.")
LONGEST_DAYS = 30


@payments.command("backfill", with_appcontext=False)
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=3, show_default=True)
@plainly
def backfill(days: int) -> None:
    """Fetch the last days' events from Stripe, and work again on those that were left."""
    settings = settings_from_environment()
    database = Database(settings.database_url)
    click.echo(f"{fetch_events(database, make_gateway(settings), days=days)} events were new.")
    with database.platform_session() as session, session.begin():
        click.echo(f"{work_again(session)} events are worked on again.")
    database.dispose()


@payments.command("aside", with_appcontext=False)
@plainly
def aside() -> None:
    """List the events of unknown accounts and of objects that were not where they should be."""
    database = Database(settings_from_environment().database_url)
    with database.platform_session() as session:
        query = select(StripeEvent).where(StripeEvent.state.in_(("stranger", "foreign")))
        for row in session.scalars(query.order_by(StripeEvent.received_at)):
            click.echo(f"{row.received_at:%Y-%m-%d %H:%M} {row.state} {row.account} {row.event_id}")
    database.dispose()
