"""Every house of the demo has an account at the Stripe sandbox, and what was won there is paid."""

import time
from urllib.parse import urlsplit

import httpx

from auctionhouse.demo.collected import collect_past_sale
from auctionhouse.demo.houses import HOUSES
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.entities import first_entity
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import account_of, connect, look_again
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.tenancy.directory import Directory

READY_SECONDS = 20.0


def connect_houses(settings: Settings) -> None:
    """Connect whichever house is not connected yet and fill its onboarding in."""
    database = Database(settings.database_url)
    directory = Directory(database, settings)
    gateway = make_gateway(settings)
    _wait_for(settings)
    for demo in HOUSES:
        house = directory.by_slug(demo.new.slug)
        if house is not None:
            desk = Desk(settings, database, house, gateway)
            with desk.writing() as session:
                entity = first_entity(session)
            account = _connect(desk, entity, demo.new.owner_email)
            collect_past_sale(desk, account, entity, demo.new.slug)
    database.dispose()


def _wait_for(settings: Settings) -> None:
    """Wait until the sandbox answers."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{settings.stripe_api_base}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return


def _connect(desk: Desk, entity: int, email: str) -> str:
    house = desk.house
    known = account_of(desk.database, house, entity)
    if known is not None and known.active:
        return known.account
    made = connect(
        desk.database, desk.gateway, house, entity, name=house.name, email=email,
        currency=house.currency, actor="demo",
    )  # fmt: skip
    page = urlsplit(desk.gateway.onboarding_url(made.account, back=house.url(desk.settings)))
    # Programs do not know *.localhost: the page is asked for where the sandbox listens.
    httpx.post(f"{desk.settings.stripe_api_base}{page.path}")
    with desk.database.platform_session() as session, session.begin():
        look_again(session, desk.gateway, made.account)
    return made.account
