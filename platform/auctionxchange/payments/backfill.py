"""Fetching what webhooks did not bring: Stripe keeps events for thirty days."""

import time

from sqlalchemy import select

from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.database import Database, PlatformSession
from auctionxchange.payments.accounts import revoke
from auctionxchange.payments.gateway import StripeGateway, make_gateway
from auctionxchange.payments.inbox import store_all, work_again
from auctionxchange.payments.models import StripeAccount
from auctionxchange.payments.refusals import AccessRevoked

DAY = 86400
DAILY_DAYS = 3
"""How far back the daily look goes: as long as Stripe itself tries to deliver."""


def fetch_events(database: Database, gateway: StripeGateway, *, days: int) -> int:
    """Put the last days' events, the platform's and each account's, into the inbox.

    Returns how many were new. An account whose house took our access away is noted as such; the
    others are fetched.
    """
    since = int(time.time()) - days * DAY
    new = _stored(database, "platform", list(gateway.events_since(None, since)))
    with database.platform_session() as session:
        rows = select(StripeAccount.account).where(StripeAccount.revoked_at.is_(None))
        accounts = session.scalars(rows).all()
    for account in accounts:
        try:
            events = list(gateway.events_since(account, since))
        except AccessRevoked:
            with database.platform_session() as session, session.begin():
                revoke(session, account)
            continue
        new += _stored(database, "connect", events)
    return new


def _stored(database: Database, endpoint: str, events: list[dict[str, object]]) -> int:
    with database.platform_session() as session, session.begin():
        return store_all(session, endpoint, reversed(events))


@TASKS.platform_task("payments.backfill", every="10 2 * * *")
def backfill_daily(services: WorkerServices, session: PlatformSession) -> None:
    """Fetch what was missed, and work again on what was left."""
    if services.settings.stripe_secret_key is None:
        return
    fetch_events(services.database, make_gateway(services.settings), days=DAILY_DAYS)
    work_again(session)
