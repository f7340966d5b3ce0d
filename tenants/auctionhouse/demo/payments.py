"""Every house of the demo has an account at the Stripe sandbox that may take cards."""

import time
from urllib.parse import urlsplit

import httpx

from auctionhouse.demo.houses import HOUSES
from auctionhouse.invoicing.entities import entities
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import account_of, connect, look_again
from auctionxchange.payments.gateway import StripeGateway, make_gateway
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

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
            _connect(settings, database, gateway, house, demo.new.owner_email)
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


def _connect(
    settings: Settings, database: Database, gateway: StripeGateway, house: House, email: str
) -> None:
    """Connect every legal entity of a house that is not connected yet."""
    with database.house_session(house) as session:
        companies = entities(session)
    for company in companies:
        known = account_of(database, house, company.id)
        if known is not None and known.active:
            continue
        made = connect(
            database, gateway, house, company.id, name=company.name, email=email,
            country=company.country, currency=company.currency, actor="demo",
        )  # fmt: skip
        page = urlsplit(gateway.onboarding_url(made.account, back=house.url(settings)))
        # Programs do not know *.localhost: the page is asked for where the sandbox listens.
        httpx.post(f"{settings.stripe_api_base}{page.path}")
        with database.platform_session() as platform, platform.begin():
            look_again(platform, gateway, made.account)
