"""Every house of the demo has an account at the Stripe sandbox, and what was won is paid there."""

import time
from urllib.parse import urlsplit

import httpx

from auctionhouse.demo.collected import DECLINES, collect_past_sale
from auctionhouse.demo.houses import HOUSES, DemoHouse
from auctionhouse.demo.office import fill_desk, leave_hold
from auctionhouse.demo.settled import settle_past_sale
from auctionhouse.invoicing.entities import entities
from auctionhouse.payments.desk import Desk
from auctionxchange.billing.models import Subscription
from auctionxchange.billing.operations import put_on_plan
from auctionxchange.billing.rules import TRIAL_DAYS
from auctionxchange.billing.stripe_side import Till
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import account_of, connect, look_again
from auctionxchange.payments.billing_gateway import make_billing_gateway
from auctionxchange.payments.gateway import StripeGateway, make_gateway
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

READY_SECONDS = 20.0
PLAN = "house"
UNPAID = "hudson"
"""The house whose subscription is overdue: it is warned, and suspended after two weeks."""


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
            _put_on_trial(database, house.schema)
            _collect(Desk(settings, database, house, gateway), demo)
            if demo.new.slug == UNPAID:
                _fail_to_pay(settings, database, house)
    database.dispose()


def _put_on_trial(database: Database, schema: str) -> None:
    """Have a house try a plan, where it has none."""
    with database.platform_session() as session, session.begin():
        if session.get(Subscription, schema) is None:
            put_on_plan(
                session, schema, PLAN, trial_days=TRIAL_DAYS, reason="The demo", actor="demo"
            )


def _fail_to_pay(settings: Settings, database: Database, house: House) -> None:
    """Have a house subscribe with a card that is declined when its first month begins; once."""
    till = Till(database, make_billing_gateway(settings), house.schema)
    with database.platform_session() as session:
        row = session.get_one(Subscription, house.schema)
        if row.stripe_subscription is not None:
            return
    # Programs do not know *.localhost: pages are asked for where the sandbox listens.
    page = urlsplit(till.checkout_url(back=house.url(settings))).path
    httpx.post(f"{settings.stripe_api_base}{page}", data={"card": DECLINES})
    till.refresh()
    with database.platform_session() as session:
        made = session.get_one(Subscription, house.schema).stripe_subscription
    httpx.post(f"{settings.stripe_api_base}/sandbox/subscriptions/{made}/renew")
    till.refresh()


def _collect(desk: Desk, demo: DemoHouse) -> None:
    """Have what was won in the past sale paid to the first legal entity, and its vendors told."""
    slug, language = demo.new.slug, demo.new.language
    with desk.writing() as session:
        entity = min(company.id for company in entities(session))
    account = account_of(desk.database, desk.house, entity)
    if account is None or not account.active:
        return
    if collect_past_sale(desk, account.account, entity, slug, language):
        fill_desk(desk, entity, slug, language)
        leave_hold(desk, slug)
        settle_past_sale(desk)


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
