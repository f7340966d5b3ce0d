"""A house's own subscription: tried, paid, failed, warned of, suspended and resumed, over HTTP."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import Client as Browser
from wsgi import build_application

import auctionxchange.billing.tasks
import auctionxchange.payments.tasks  # noqa: F401 - registers the inbox's work
from auctionhouse.catalogue.details import LotDetails
from auctionhouse.catalogue.operations import create_lot
from auctionhouse.house_app import create_house_app
from auctionhouse.plan.charging import fee_for, meter_sold_lots
from auctionhouse.plan.limits import PlanLimit, check
from auctionhouse.plan.tasks import METERING
from auctionhouse.seed import seed_house
from auctionxchange.billing import rules
from auctionxchange.billing.links import billing_url
from auctionxchange.billing.operations import MAIL, ROUND, SPREAD, UNPAID, put_on_plan
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.inbox import PROCESS
from auctionxchange.sandbox.stripe.application import StripeSandbox
from auctionxchange.sandbox.stripe.events import Announcer, signed
from auctionxchange.sandbox.stripe.server import running
from auctionxchange.sandbox.stripe.store import Store, public
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.operations import suspend_house
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses
from factories.houses import make_house
from factories.invoices import make_sold_sale
from factories.jobs import Mailbox
from factories.operators import make_operator, signed_in
from factories.pages import Page
from factories.stripe import DECLINES, PAYS, PLATFORM_SECRET, with_stripe
from factories.stripe_description import Inspector
from factories.visitors import make_member, visit

MONTH = 31 * 86400
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Billed:
    """A house, the sandbox its plan is paid at, and what happens between the two."""

    settings: Settings
    database: Database
    house: House
    sandbox: StripeSandbox
    services: WorkerServices
    web: Browser
    told: int = 0

    def job(self, task: str, **payload: Any) -> None:
        """Do a job of the platform's."""
        run_job(TASKS, self.services, self.database.platform_scope.role, task, payload)

    def row(self) -> Any:
        query = "SELECT s.*, h.status, h.suspended_reason FROM exchange.subscription s"
        join = " JOIN exchange.house h ON h.schema = s.house_schema WHERE schema = :schema"
        with self.database.platform_connection() as connection:
            return connection.execute(text(query + join), {"schema": self.house.schema}).one()

    def run(self, statement: str) -> None:
        with self.database.platform_session() as session, session.begin():
            session.execute(text(statement), {"schema": self.house.schema})

    def mails(self) -> list[str]:
        """Return which mails wait to be written, oldest first."""
        query = (
            "SELECT payload->>'name' FROM exchange.outbox WHERE topic = :topic"
            " AND payload->>'schema' = :schema ORDER BY id"
        )
        with self.database.platform_connection() as connection:
            values = {"topic": MAIL, "schema": self.house.schema}
            return list(connection.execute(text(query), values).scalars())

    def page(self, form: dict[str, str] | None = None) -> Any:
        """Open the house's billing page at the apex, or press one of its buttons."""
        path = billing_url(self.settings, self.house.schema).partition("localhost:8000")[2]
        headers = {"Host": "localhost:8000"}
        shown = self.web.get(path, headers=headers)
        assert shown.status_code == 200, shown.text
        if form is None:
            return Page(shown.text)
        token = Page(shown.text).token()
        answer = self.web.post(path, data={**form, "csrf_token": token}, headers=headers)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def hear(self) -> None:
        """Post what the sandbox has told since, signed, and work on it."""
        events = [public(one) for one in self.sandbox.store.all("", "event")][::-1]
        for event in events[self.told :]:
            body = json.dumps(event)
            headers = {"Host": "localhost", "Stripe-Signature": signed(body, PLATFORM_SECRET)}
            answer = self.web.post(
                "/stripe/webhooks/platform", data=body, headers=headers,
                content_type="application/json",
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            self.job(PROCESS, event=event["id"])
        self.told = len(events)
        self.job(SPREAD, schema=self.house.schema)

    def pass_time(self, seconds: int) -> None:
        httpx.post(f"{self.sandbox.base}/sandbox/clock", json={"seconds": seconds})
        self.hear()


@pytest.fixture
def billed(settings: Settings, database: Database, addresses: Addresses) -> Iterator[Billed]:
    schema = make_house(owner_engine(addresses.database_admin_url), seed_house)
    store = Store()
    sandbox = StripeSandbox(store, Announcer(store), "")
    inspector = Inspector()
    sandbox.observers.append(inspector)
    with running(sandbox) as base:
        chosen = with_stripe(settings, base)
        directory = Directory(database, chosen)
        house = directory.by_schema(schema)
        assert house is not None
        app = create_house_app(chosen, database, directory)
        services = WorkerServices(chosen, database, directory, Mailbox(), app)
        web = Browser(build_application(chosen, database))
        yield Billed(chosen, database, house, sandbox, services, web)
    assert inspector.faults == []


def put(billed: Billed, code: str, *, trial_days: int = 30) -> None:
    with billed.database.platform_session() as session, session.begin():
        put_on_plan(
            session, billed.house.schema, code, trial_days=trial_days, reason="Asked for",
            actor="test",
        )  # fmt: skip
    billed.job(SPREAD, schema=billed.house.schema)


def subscribe(billed: Billed, number: str) -> None:
    address = billed.page({"act": "subscribe"})
    answer = httpx.post(address, data={"card": number})
    assert answer.status_code == 303, answer.text
    billed.hear()


def use_card(billed: Billed, number: str) -> None:
    address = billed.page({"act": "portal"})
    assert "Invoices" in httpx.get(address).text
    httpx.post(address, data={"act": "card", "card": number})
    billed.hear()


def test_tried_paid_failed_warned_suspended_and_resumed(billed: Billed) -> None:
    """Seen to fail with warnings that do not hold a suspension back."""
    put(billed, "house")
    assert billed.row().state == "trialing"
    subscribe(billed, PAYS)
    assert billed.row().state == "trialing"
    billed.pass_time(MONTH)
    assert billed.row().state == "active"

    use_card(billed, DECLINES)
    billed.pass_time(MONTH)
    assert billed.row().state == "past_due"
    assert "suspended on" in billed.page().text
    billed.job(ROUND)
    billed.job(ROUND)
    assert billed.mails() == ["warning"]

    earlier = (
        "UPDATE exchange.subscription SET failed_at = failed_at - interval '15 days'"
        " WHERE house_schema = :schema"
    )
    billed.run(earlier)
    billed.job(ROUND)
    assert billed.row().status == "active"  # The warnings that were missed come first.
    billed.job(ROUND)
    assert (billed.row().state, billed.row().status) == ("suspended", "suspended")
    assert billed.row().suspended_reason == UNPAID
    assert billed.mails() == ["warning", "warning", "suspended"]

    use_card(billed, PAYS)
    assert (billed.row().state, billed.row().status) == ("active", "active")
    assert billed.mails()[-1] == "resumed"
    for name in ("trial_ends", "warning", "suspended", "resumed"):
        billed.job(MAIL, schema=billed.house.schema, name=name)
    query = text("SELECT payload FROM exchange.outbox WHERE topic = 'mail.send' ORDER BY id DESC")
    with billed.database.platform_connection() as connection:
        mails = list(connection.execute(query).scalars())[:4]
    assert {mail["to"] for mail in mails} == {f"owner@{billed.house.slug}.example"}
    assert all("/billing/" in mail["text"] for mail in mails)


def test_the_sandboxs_faults_page_ends_a_period_at_once(billed: Billed) -> None:
    """A card that is declined leaves its house in arrears without a clock that moves for all."""
    put(billed, "house")
    subscribe(billed, DECLINES)
    assert billed.row().state == "trialing"
    address = f"/sandbox/subscriptions/{billed.row().stripe_subscription}/renew"
    assert address in httpx.get(f"{billed.sandbox.base}/sandbox/faults").text
    assert httpx.get(f"{billed.sandbox.base}{address}").status_code == 404
    assert httpx.post(f"{billed.sandbox.base}{address}").status_code == 303
    billed.hear()
    assert billed.row().state == "past_due"


def test_a_house_suspended_for_something_else_stays_so_when_it_pays(billed: Billed) -> None:
    put(billed, "house", trial_days=0)
    billed.job(ROUND)
    assert billed.row().state == "past_due"
    with billed.database.platform_session() as session, session.begin():
        suspend_house(session, billed.house.slug, reason="Fraud", actor="test")
    billed.run(
        "UPDATE exchange.subscription SET failed_at = failed_at - interval '15 days'"
        " WHERE house_schema = :schema"
    )
    billed.job(ROUND)
    billed.job(ROUND)
    assert billed.row().state == "suspended"
    subscribe(billed, PAYS)
    assert billed.row().state == "active"
    assert (billed.row().status, billed.row().suspended_reason) == ("suspended", "Fraud")


def test_a_card_that_is_refused_at_checkout_begins_nothing(billed: Billed) -> None:
    put(billed, "house", trial_days=0)
    address = billed.page({"act": "subscribe"})
    answer = httpx.post(address, data={"card": "4000000000000002"})
    assert answer.status_code != 303
    billed.hear()
    assert billed.row().state == "trialing"


def test_the_meter_is_told_of_each_sold_lot_once(billed: Billed) -> None:
    """Seen to fail with the identifier of the moment instead of the lot's."""
    put(billed, "house")
    subscribe(billed, PAYS)
    with billed.database.house_session(billed.house) as session:
        sold = make_sold_sale(session)
        session.execute(
            text("UPDATE sale SET state = 'closed' WHERE id = :id"), {"id": sold.sale.sale_id}
        )
        lots = session.scalar(text("SELECT count(*) FROM lot_state WHERE outcome = 'sold'"))
        session.commit()
    for _time in range(2):
        run_job(TASKS, billed.services, billed.house.schema, METERING, {})
    events = list(billed.sandbox.store.all("", "billing.meter_event"))
    assert lots
    assert len(events) == lots
    assert len({event["identifier"] for event in events}) == lots
    with billed.database.house_session(billed.house) as session, session.begin():
        session.execute(text("UPDATE charged_lot SET sent_at = NULL"))
    run_job(TASKS, billed.services, billed.house.schema, METERING, {})
    assert len(list(billed.sandbox.store.all("", "billing.meter_event"))) == lots
    assert billed.row().used_lots >= lots


def test_a_lot_the_meter_counted_never_bears_a_fee(billed: Billed) -> None:
    put(billed, "house")
    with billed.database.house_session(billed.house) as session:
        sold = make_sold_sale(session)
        session.execute(
            text("UPDATE sale SET state = 'closed' WHERE id = :id"), {"id": sold.sale.sale_id}
        )
        assert meter_sold_lots(session, billed.house.schema) > 0
        session.commit()
    put(billed, "studio")
    from auctionhouse.invoicing.operations import make_proformas  # noqa: PLC0415

    with billed.database.house_session(billed.house) as session, session.begin():
        for invoice in make_proformas(session, sold.sale.sale_id, actor=None):
            lots = text("SELECT lot_id FROM invoice_lot WHERE invoice_id = :id")
            assert list(session.scalars(lots, {"id": invoice.id}))
            assert fee_for(session, invoice, invoice.total) == 0


def test_a_plan_charges_by_meter_or_by_fee_never_both(billed: Billed) -> None:
    with pytest.raises(IntegrityError, match="plan_never_both"):
        billed.run(
            "INSERT INTO exchange.plan (code, name, price, currency, sales_charge, meter_price,"
            " fee_basis_points) VALUES ('both', 'Both', 1, 'GBP', 'fee', 10, 100)"
        )


def test_a_plan_limits_lots_staff_and_storage_in_words(billed: Billed) -> None:
    put(billed, "studio")
    with billed.database.house_session(billed.house) as session:
        sale = make_sold_sale(session).sale.sale_id
        session.execute(text("UPDATE plan_allowance SET lots = 1, staff = 1, storage_mb = 1"))
        session.commit()
        one_more = LotDetails(number=99, title="One too many", opening=100)
        with pytest.raises(PlanLimit) as lots:
            create_lot(session, sale, one_more, actor=None)
        with pytest.raises(PlanLimit) as storage:
            check(session, "storage", adding=1_000_001)
        session.rollback()
    assert "allows 1 lots" in lots.value.message()
    assert "allows 1 MB" in storage.value.message()
    make_member(billed.database, billed.house)  # Bidders are not counted.
    with pytest.raises(PlanLimit) as staff:
        for _time in range(2):
            make_member(billed.database, billed.house, roles=("clerk",))
    assert "members of staff" in staff.value.message()


def test_staff_see_the_plan_and_its_use(billed: Billed) -> None:
    put(billed, "studio")
    web = build_application(billed.settings, billed.database)
    visitor = visit(web, billed.settings, billed.house)
    visitor.sign_in(make_member(billed.database, billed.house, roles=("owner",)))
    page = visitor.get("/manage/plan").text
    assert "Studio" in page
    assert "£49" in page
    assert "1.5% of what buyers pay by card" in page
    assert re.search(r"http://localhost:8000/billing/[^\"]+", page)


def test_an_operator_puts_a_house_on_a_plan_with_a_reason(billed: Billed) -> None:
    browser = signed_in(billed.settings, billed.database, make_operator(billed.database))
    address = f"/console/houses/{billed.house.schema}/"
    assert "No plan" in browser.page(address).text
    form = {"plan": "studio", "trial_days": "14", "reason": ""}
    token = browser.page(address).token()
    assert browser.post(f"{address}plan", form, token=token).status_code == 422
    answer = browser.post(f"{address}plan", form | {"reason": "Signed up"}, token=token)
    assert answer.status_code == 303
    page = browser.page(address).text
    assert "Studio" in page
    assert "Signed up" in page
    assert billed.row().plan == "studio"
    run_job(TASKS, billed.services, billed.house.schema, METERING, {})
    assert "0 / 5,000 MB" in browser.page(address).text
    assert "Studio" in browser.page("/console/plans/").text
    assert billed.house.name in browser.page("/console/subscriptions/").text


def test_a_strangers_token_opens_nothing(billed: Billed) -> None:
    answer = billed.web.get("/billing/nonsense", headers={"Host": "localhost:8000"})
    assert answer.status_code == 409


def test_nothing_is_suspended_before_the_last_warning() -> None:
    long_ago = NOW - timedelta(days=60)
    assert rules.next_step("past_due", long_ago, 0, NOW) == rules.Step(warning=4)
    assert rules.next_step("past_due", long_ago, 4, NOW) == rules.Step(suspend=True)
    assert rules.next_step("past_due", NOW, 0, NOW) == rules.Step(warning=1)
    assert rules.next_step("past_due", NOW, 1, NOW) == rules.Step()
    assert rules.next_step("active", None, 0, NOW) == rules.Step()
