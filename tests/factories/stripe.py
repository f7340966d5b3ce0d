"""A house with a Stripe account at a sandbox of its own, over HTTP, and people who pay there."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from sqlalchemy import select, text
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

import auctionhouse.payments.tasks  # noqa: F401 - registers what houses do
import auctionxchange.payments.tasks  # noqa: F401 - registers the inbox's work
from auctionhouse.house_app import create_house_app
from auctionhouse.members.models import Client
from auctionhouse.payments.attempts import ask_for
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import CardOnFile, Payment, PaymentAttempt
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import Connected, account_of, connect, look_again
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.payments.inbox import PROCESS
from auctionxchange.sandbox.stripe.application import StripeSandbox
from auctionxchange.sandbox.stripe.cards import card_of
from auctionxchange.sandbox.stripe.customers import make_card
from auctionxchange.sandbox.stripe.events import Announcer, signed
from auctionxchange.sandbox.stripe.server import running
from auctionxchange.sandbox.stripe.store import Store, public
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.invoices import make_entity
from factories.jobs import Mailbox
from factories.stripe_description import Inspector

PAYS, DECLINES, ASKS = "4242424242424242", "4000000000000341", "4000002760003184"
DISPUTES = "4000000000000259"
PLATFORM_SECRET, CONNECT_SECRET = "whsec_platform_of_tests", "whsec_connect_of_tests"


@dataclass(slots=True)
class Counter:
    """One house's desk, its account at the sandbox, and what tests do there."""

    sandbox: StripeSandbox
    desk: Desk
    services: WorkerServices
    account: str
    entity: int

    @property
    def connected(self) -> Connected:
        """Return the account as those who charge need it."""
        found = account_of(self.desk.database, self.desk.house, self.entity)
        assert found is not None
        return found

    def client(self, number: str = PAYS) -> int:
        """Make a client who keeps a card; the number is a test card's."""
        call = self.sandbox.call_for(self.account)
        customer = self.desk.gateway.create_customer(
            self.account, name="Ada", email="ada@example.com", key=secrets.token_hex(8)
        )
        card = make_card(call, card_of(number))
        card.update(customer=customer, _set_up=True)
        with self.desk.writing() as session:
            client = Client(name="Ada", email=f"{secrets.token_hex(4)}@example.com")
            session.add(client)
            session.flush()
            session.add(
                CardOnFile(
                    client_id=client.id, account=self.account, customer=customer, card=card["id"]
                )
            )
            return client.id

    def owed(self, client: int, amount: int = 12_000, *, fee: int = 0) -> int:
        """Have a client owe a sum and return the payment's id."""
        with self.desk.writing() as session:
            return ask_for(
                session, kind="other", reference_id=secrets.randbelow(2**40), client_id=client,
                amount=amount, currency="GBP", description="Invoice", entity=self.entity,
                fee=fee, actor=None,
            ).id  # fmt: skip

    def payment(self, payment_id: int) -> Payment:
        """Return a payment as it now is."""
        with self.desk.writing() as session:
            return session.get_one(Payment, payment_id)

    def attempts(self, payment_id: int) -> list[PaymentAttempt]:
        """Return a payment's attempts, oldest first."""
        query = select(PaymentAttempt).where(PaymentAttempt.payment_id == payment_id)
        with self.desk.writing() as session:
            return list(session.scalars(query.order_by(PaymentAttempt.number)))

    def charges(self, payment_id: int) -> list[dict[str, Any]]:
        """Return the successful charges Stripe has of a payment."""
        keys = {attempt.key for attempt in self.attempts(payment_id)}
        return [
            charge
            for charge in self.sandbox.store.all(self.account, "charge", status="succeeded")
            if charge["metadata"].get("attempt") in keys
        ]

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the account's events, oldest first, as they would be posted."""
        found = list(self.sandbox.store.all(self.account, "event", type=kind))
        return [public(event) for event in reversed(found)]

    def post(
        self, web: Browser, event: Any, *, secret: str = CONNECT_SECRET, at: int | None = None,
        endpoint: str = "connect",
    ) -> TestResponse:  # fmt: skip
        """Post an event, signed, as Stripe would."""
        body = json.dumps(event)
        headers = {"Host": "localhost", "Stripe-Signature": signed(body, secret, at=at)}
        return web.post(
            f"/stripe/webhooks/{endpoint}", data=body, headers=headers,
            content_type="application/json",
        )  # fmt: skip

    def work(self, event_id: str) -> str | None:
        """Do the inbox's job of one event and return its state."""
        run_job(
            TASKS, self.services, self.desk.database.platform_scope.role, PROCESS,
            {"event": event_id},
        )  # fmt: skip
        return self.state(event_id)

    def state(self, event_id: str) -> str | None:
        """Return an event's state in the inbox, or None where it is not kept."""
        query = text("SELECT state FROM exchange.stripe_event WHERE event_id = :event")
        with self.desk.database.platform_connection() as connection:
            found: str | None = connection.execute(query, {"event": event_id}).scalar()
            return found

    def tell(self, web: Browser, event: Any) -> str | None:
        """Post an event and work on it."""
        answer = self.post(web, event)
        assert answer.status_code == 200, answer.text
        return self.work(event["id"])

    def page(self, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        """Ask for, or send, a page of the sandbox."""
        address = path if path.startswith("http") else f"{self.sandbox.base}{path}"
        if form is None:
            return httpx.get(address)
        return httpx.post(address, data=form)


def with_stripe(settings: Settings, base: str) -> Settings:
    """Return settings that use a sandbox."""
    return replace(
        settings,
        stripe_secret_key="sk_test_of_tests",
        stripe_api_base=base,
        stripe_pages=base,
        stripe_webhook_secret_platform=PLATFORM_SECRET,
        stripe_webhook_secret_connect=CONNECT_SECRET,
    )


@contextmanager
def open_counter(settings: Settings, database: Database, house: House) -> Iterator[Counter]:
    """Open a counter at a sandbox of its own; every call is held against Stripe's description."""
    store = Store()
    sandbox = StripeSandbox(store, Announcer(store), "")
    inspector = Inspector()
    sandbox.observers.append(inspector)
    with running(sandbox) as base:
        chosen = with_stripe(settings, base)
        desk = Desk(chosen, database, house, make_gateway(chosen))
        directory = Directory(database, chosen)
        services = WorkerServices(
            chosen, database, directory, Mailbox(), create_house_app(chosen, database, directory)
        )
        yield new_counter(sandbox, desk, services)
    assert inspector.faults == []


def new_counter(sandbox: StripeSandbox, desk: Desk, services: WorkerServices) -> Counter:
    """Connect one more legal entity of a house."""
    with desk.writing() as session:
        entity = make_entity(session).id
    connected = connect(
        desk.database, desk.gateway, desk.house, entity, name="Oak", email="oak@example.com",
        country="GB", currency="GBP", actor="test",
    )  # fmt: skip
    url = desk.gateway.onboarding_url(connected.account, back="http://oak.localhost/")
    httpx.post(url)
    with desk.database.platform_session() as platform, platform.begin():
        assert look_again(platform, desk.gateway, connected.account).now == "active"
    return Counter(sandbox, desk, services, connected.account, entity)
