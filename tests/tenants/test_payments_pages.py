"""What clients and staff see of card payments, through the whole application."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse
from wsgi import build_application

from auctionhouse.payments.charging import charge_now
from auctionhouse.payments.links import token_of
from auctionhouse.payments.models import PaymentRefund
from auctionhouse.payments.refunding import SEND
from auctionxchange.jobs.registry import TASKS, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import account_of
from auctionxchange.tenancy.house import House
from factories.desks import Desk, approve_latest
from factories.invoices import make_entity
from factories.stripe import ASKS, PAYS, Counter, open_counter
from factories.visitors import Visitor, make_member, visit


@pytest.fixture(scope="module")
def counter(settings: Settings, database: Database, oak: House) -> Iterator[Counter]:
    with open_counter(settings, database, oak) as opened:
        yield opened


@pytest.fixture
def visitor(counter: Counter, database: Database, oak: House) -> Visitor:
    application = build_application(counter.desk.settings, database)
    return visit(application, counter.desk.settings, oak)


@pytest.fixture
def owner(visitor: Visitor, database: Database, oak: House) -> Desk:
    visitor.sign_in(make_member(database, oak, roles=("owner",)))
    return Desk(visitor)


@pytest.fixture
def entity(counter: Counter) -> int:
    """A legal entity that is not connected yet."""
    with counter.desk.writing() as session:
        return make_entity(session).id


@pytest.fixture
def connected(owner: Desk, entity: int) -> TestResponse:
    """The answer that leads the owner to Stripe."""
    return owner.visitor.submit(CARDS, {}, to=f"{CARDS}/{entity}/connect")


CARDS = "/manage/money/cards"


def test_an_owner_connects_stripe_and_the_state_is_said_in_words(
    owner: Desk, connected: TestResponse, counter: Counter, entity: int
) -> None:
    assert "Stripe needs to know more" in owner.visitor.page("/manage/money/cards").text
    assert counter.page(connected.headers["Location"], {}).status_code == 303
    owner.visitor.get(f"{CARDS}/{entity}/connected")
    assert "cards can be charged" in owner.visitor.page(CARDS).text
    account = account_of(counter.desk.database, counter.desk.house, entity)
    assert account is not None
    assert account.active


def test_a_bidder_keeps_a_card(
    owner: Desk, connected: TestResponse, counter: Counter, entity: int
) -> None:
    counter.page(connected.headers["Location"], {})
    owner.visitor.get(f"{CARDS}/{entity}/connected")
    page = owner.visitor.get("/account/card")
    assert counter.sandbox.base in page.headers["Content-Security-Policy"]
    led = owner.visitor.submit("/account/card", {"entity": str(entity)})
    assert counter.page(led.headers["Location"], {"card": PAYS}).status_code == 303
    assert "4242" in owner.visitor.page("/account/card").text


def test_a_link_leads_to_stripes_page_and_says_thanks_after(
    visitor: Visitor, counter: Counter
) -> None:
    payment = counter.owed(counter.client(ASKS))
    charge_now(counter.desk, payment)
    path = f"/pay/{token_of(counter.desk.settings, counter.desk.house, payment)}"
    led = visitor.submit(path, {})
    assert counter.page(led.headers["Location"], {"card": PAYS}).status_code == 303
    assert "This is paid" in visitor.page(path).text
    assert visitor.get("/pay/forged").status_code == 409


def test_a_part_is_given_back_once_a_second_person_approves(
    owner: Desk, counter: Counter, database: Database, oak: House
) -> None:
    payment = counter.owed(counter.client(), 10_000)
    charge_now(counter.desk, payment)
    path = f"/manage/money/cards/{payment}"
    form = {"amount": "30.00", "reason": "damaged frame"}
    assert owner.visitor.submit(path, form, to=f"{path}/refund").status_code == 302
    assert counter.payment(payment).refunded_amount == 0
    assert "waits for approval" in owner.visitor.page(path).text
    colleague = visit(
        build_application(counter.desk.settings, database), counter.desk.settings, oak
    )
    colleague.sign_in(make_member(database, oak, roles=("clerk",)))
    approve_latest(Desk(colleague))
    with counter.desk.writing() as session:
        [refund] = session.scalars(
            select(PaymentRefund).where(PaymentRefund.payment_id == payment)
        ).all()
    assert refund.state == "open"
    run_job(TASKS, counter.services, oak.schema, SEND, {"refund": refund.id})
    shown = owner.visitor.page(path).text
    assert "damaged frame" in shown
    assert "£30" in shown
    too_much = owner.visitor.submit(
        path, {"amount": "70.01", "reason": "all of it"}, to=f"{path}/refund"
    )
    assert too_much.status_code == 422
    assert "70.00" in too_much.text  # the refusal names what is left
    assert "all of it" in too_much.text  # nothing typed is lost
    assert counter.payment(payment).refunded_amount == 3_000
