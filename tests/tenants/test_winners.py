"""Winners charged on their own, and holds and deposits, against the sandbox over HTTP."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import auctionhouse.deposits.tasks  # noqa: F401 - registers its tasks
from auctionhouse.catalogue.models import Conditions, Sale
from auctionhouse.collecting.closing import DEPOSITS
from auctionhouse.collecting.settings import save_rules
from auctionhouse.collecting.tasks import ROUND
from auctionhouse.collecting.winners import charge_plan
from auctionhouse.deposits.afterwards import CAPTURE, let_losers_go
from auctionhouse.deposits.operations import (
    Asked,
    ask_bidder,
    ask_of_sale,
    deposit_of,
    standing_deposit,
)
from auctionhouse.deposits.refusals import DepositSettled, NoDepositAsked
from auctionhouse.handover.operations import holds_of, order_of
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.members.models import Client
from auctionhouse.payments.charging import renew_holds, settle
from auctionhouse.payments.links import open_page, refresh
from auctionhouse.payments.reconciliation import reconcile
from auctionhouse.payments.refunding import SEND
from auctionhouse.registrations.models import Registration
from auctionhouse.registrations.operations import register
from auctionxchange.jobs.registry import TASKS, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.sandbox.stripe.passing_time import let_pass
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House
from factories.sales import make_open_sale
from factories.stripe import ASKS, DECLINES, DISPUTES, PAYS, Counter, open_counter
from factories.winners import RULES, entity_of, won


@pytest.fixture(scope="module")
def counter(settings: Settings, database: Database, oak: House) -> Iterator[Counter]:
    with open_counter(settings, database, oak) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _at_oak(counter: Counter, oak: House) -> Iterator[None]:
    with acting_for(oak), counter.services.app.app_context():
        yield


def test_a_released_invoice_is_charged_once_and_paid(counter: Counter) -> None:
    winner = won(counter, rules=RULES)
    assert winner.invoice in winner.round()
    assert winner.round() == []
    assert winner.settled() == ["paid"]
    assert winner.seen()[1] == 0
    payment = winner.payment()
    assert payment is not None
    assert (payment.entity, payment.state) == (counter.entity, "paid")
    assert len(counter.charges(payment.id)) == 1
    with counter.desk.writing() as session:
        assert order_of(session, winner.invoice) is not None


def test_eight_workers_charge_a_winner_once(counter: Counter) -> None:
    """The payment is one row and has one open attempt at most, whoever is first."""
    winner = won(counter, rules=RULES)

    def look(_number: int) -> int:
        try:
            return len(winner.round())
        except IntegrityError:
            return 0

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(look, range(8)))
    winner.settled()
    payment = winner.payment()
    assert payment is not None
    assert len(counter.attempts(payment.id)) == len(counter.charges(payment.id)) == 1


@pytest.mark.parametrize(
    "rules",
    [
        None,
        {**RULES, "charge": "nothing", "charge_up_to": None},
        {**RULES, "charge_up_to": 129_999},
        {**RULES, "charge_after_hours": 1},
    ],
)
def test_nothing_is_charged_above_the_limit_too_early_or_unasked(
    counter: Counter, rules: dict[str, Any] | None
) -> None:
    """The invoice is 1,300.00. Seen to fail without looking at the limit, or at the hour."""
    winner = won(counter, rules=rules)
    assert winner.invoice not in winner.round()
    assert winner.payment() is None


@pytest.mark.parametrize("charge", ["invoice", "proforma"])
def test_a_pro_forma_is_charged_where_the_house_says_so_and_released_by_it(
    counter: Counter, charge: str
) -> None:
    winner = won(counter, rules={**RULES, "charge": charge}, released=False)
    begun = winner.round()
    if charge == "invoice":
        assert winner.invoice not in begun
        return
    assert winner.invoice in begun
    payment = winner.payment()
    assert payment is not None
    assert counter.attempts(payment.id)[0].key.endswith(f":invoice:{winner.invoice}:card:1")
    assert winner.settled() == ["paid"]
    number, due = winner.seen()
    assert number is not None
    assert due == 0


@pytest.mark.parametrize(("card", "state"), [(DECLINES, "declined"), (ASKS, "action")])
def test_a_refused_card_leads_to_a_link_with_the_houses_deadline(
    counter: Counter, card: str, state: str
) -> None:
    winner = won(counter, card, rules=RULES)
    winner.round()
    assert winner.settled() == [state]
    payment = winner.payment()
    assert payment is not None
    assert payment.deadline is not None
    assert payment.deadline - payment.created_at > timedelta(days=4, hours=23)
    mails = text(
        "SELECT count(*) FROM exchange.outbox WHERE topic = 'payments.link_mail'"
        " AND payload->>'payment' = :p AND house = :house"
    )
    key = {"p": str(payment.id), "house": counter.desk.house.schema}
    with counter.desk.database.platform_connection() as connection:
        assert connection.execute(mails, key).scalar() == 1
    assert winner.round() == []
    url = open_page(counter.desk, payment.id, back="http://oak.localhost/pay")
    assert counter.page(url, {"card": PAYS}).status_code == 303
    refresh(counter.desk, payment.id)
    assert winner.seen()[1] == 0


def test_a_lost_dispute_is_due_again_and_holds_the_lots(counter: Counter) -> None:
    winner = won(counter, DISPUTES, rules=RULES)
    winner.round()
    winner.settled()
    payment = winner.payment()
    assert payment is not None
    for event in counter.events("charge.dispute.created"):
        take_in_event(counter, event)
    with counter.desk.writing() as session:
        order = order_of(session, winner.invoice)
        assert order is not None
        assert holds_of(session, order) == ["disputed"]
    [name] = [
        event["data"]["object"]["id"]
        for event in counter.events("charge.dispute.created")
        if event["data"]["object"]["payment_intent"] == counter.attempts(payment.id)[0].intent
    ]
    counter.page(f"/sandbox/disputes/{counter.account}/{name}/lost", {})
    for _ in range(2):
        take_in_event(counter, counter.events("charge.dispute.closed")[-1])
    assert winner.seen()[1] == payment.amount
    assert reconcile(counter.desk, counter.connected) == []


def take_in_event(counter: Counter, event: Any) -> None:
    """Have the inbox work on an event."""
    from auctionhouse.payments.happenings import dispute_changed  # noqa: PLC0415
    from auctionxchange.payments.tasks import HouseEvent  # noqa: PLC0415

    told = HouseEvent(
        counter.account, counter.entity, event["type"], "dispute", event["data"]["object"]["id"]
    )
    dispute_changed(counter.services, counter.desk.gateway, counter.desk.house, told)


def test_the_mail_says_when_the_card_is_charged(counter: Counter) -> None:
    winner = won(counter, rules={**RULES, "charge_after_hours": 24})
    with counter.desk.writing() as session:
        invoice = session.get_one(Invoice, winner.invoice)
        rules = save_rules(
            session, invoice.entity_id, {**RULES, "charge_after_hours": 24}, actor=None
        )
        plan = charge_plan(session, invoice, rules)
        assert plan is not None
        assert plan.amount == 130_000
        assert invoice.released_at is not None
        assert plan.at == invoice.released_at + timedelta(hours=24)


# Deposits


@dataclass
class Bidder:
    """Somebody registered for a sale that asks for a deposit."""

    counter: Counter
    sale: int
    lot: int
    client: int
    registration: int

    def leave(self, card: str = PAYS) -> int:
        """Leave what is asked on Stripe's page; returns the payment."""
        with self.counter.desk.writing() as session:
            registration = session.get_one(Registration, self.registration)
            payment = ask_bidder(session, registration, actor=None)
            payment_id = payment.id
        url = open_page(self.counter.desk, payment_id, back="http://oak.localhost/pay")
        self.counter.page(url, {"card": card})
        refresh(self.counter.desk, payment_id)
        return payment_id

    def limit(self) -> int | None:
        with self.counter.desk.writing() as session:
            return session.get_one(Registration, self.registration).bid_limit

    def win(self) -> None:
        """Let the sale close with the lot sold to them."""
        with self.counter.desk.writing() as session:
            session.execute(
                text("UPDATE lot_state SET status = 'closed', outcome = 'sold', price = 100000,"
                     " leader_client_id = :c WHERE lot_id = :l"),
                {"c": self.client, "l": self.lot},
            )  # fmt: skip

    def state(self) -> str:
        with self.counter.desk.writing() as session:
            found = deposit_of(session, self.registration)
            assert found is not None
            return found.state

    def credit(self) -> int:
        with self.counter.desk.writing() as session:
            return standing_deposit(session, self.sale, self.client)


@pytest.fixture
def make_bidder(counter: Counter) -> Any:
    def make(way: str, amount: int = 20_000) -> Bidder:
        with counter.desk.writing() as session:
            opened = make_open_sale(session, reference=f"dep-{secrets.token_hex(4)}", bidders=0)
            sale = session.get_one(Sale, opened.sale_id)
            sale.legal_entity_id = entity_of(session, counter)
            number = secrets.randbelow(2**30)
            conditions = Conditions(version=number, title="C", body="B")
            session.add(conditions)
            session.flush()
            sale.conditions_id = conditions.id
            ask_of_sale(session, sale.id, Asked(way, amount, 50_000), actor=1)
            client = Client(name="Ada", email=f"{secrets.token_hex(4)}@example.com")
            session.add(client)
            session.flush()
            found = register(session, sale, client, conditions.id)
            assert found.bid_limit == 50_000
            return Bidder(counter, sale.id, opened.lots[0], client.id, found.id)

    return make


@pytest.mark.parametrize(("way", "state"), [("hold", "held"), ("deposit", "paid")])
def test_a_bidders_limit_falls_once_the_deposit_is_there_and_returns_with_it(
    counter: Counter, make_bidder: Any, way: str, state: str
) -> None:
    """Whoever won nothing gets everything back by itself, once however often it is asked."""
    bidder = make_bidder(way)
    payment = bidder.leave()
    assert (bidder.state(), bidder.limit()) == (state, None)
    assert bidder.credit() == (20_000 if way == "deposit" else 0)
    with counter.desk.writing() as session, pytest.raises(DepositSettled):
        ask_of_sale(session, bidder.sale, None, actor=1)
    for _ in range(2):
        run_job(TASKS, counter.services, counter.desk.house.schema, DEPOSITS, {"sale": bidder.sale})
        finish_refunds(counter, payment)
    assert bidder.credit() == 0
    assert bidder.limit() == 50_000
    assert counter.payment(payment).refunded_amount == (20_000 if way == "deposit" else 0)
    assert bidder.state() == ("paid" if way == "deposit" else "due")
    assert reconcile(counter.desk, counter.connected) == []


def finish_refunds(counter: Counter, payment: int) -> None:
    """Do the jobs of refunds that wait."""
    query = text("SELECT id FROM payment_refund WHERE payment_id = :p AND state = 'open'")
    with counter.desk.writing() as session:
        waiting = list(session.scalars(query, {"p": payment}))
    for refund in waiting:
        run_job(TASKS, counter.services, counter.desk.house.schema, SEND, {"refund": refund})


def test_a_winners_deposit_pays_the_invoice(counter: Counter, make_bidder: Any) -> None:
    bidder = make_bidder("deposit")
    bidder.leave()
    bidder.win()
    with counter.desk.writing() as session:
        invoice = make_proformas(session, bidder.sale, actor=None)[0]
        release_invoice(session, invoice.id, actor=None)
        assert postings.due(session, invoice.id) == invoice.total - 20_000
    assert let_losers_go(counter.desk, bidder.sale) == 0
    assert bidder.state() == "paid"


def test_a_winners_hold_is_captured_for_the_invoice(counter: Counter, make_bidder: Any) -> None:
    bidder = make_bidder("hold")
    payment = bidder.leave()
    bidder.win()
    with counter.desk.writing() as session:
        invoice = make_proformas(session, bidder.sale, actor=None)[0]
        release_invoice(session, invoice.id, actor=None)
        invoice_id, total = invoice.id, invoice.total
    for _ in range(2):
        run_job(
            TASKS, counter.services, counter.desk.house.schema, CAPTURE,
            {"payment": payment, "invoice": invoice_id},
        )  # fmt: skip
    with counter.desk.writing() as session:
        assert postings.due(session, invoice_id) == total - 20_000
        assert not [one for one in postings.client_money(session) if one.difference]
    assert counter.payment(payment).state == "paid"


def test_a_hold_that_expires_limits_its_bidder_again(counter: Counter, make_bidder: Any) -> None:
    """No card is kept with the house, so it cannot be held anew by itself."""
    bidder = make_bidder("hold")
    payment = bidder.leave()
    let_pass(counter.sandbox.call_for, 8 * 24 * 3600)
    assert payment not in renew_holds(counter.desk)
    assert bidder.limit() == 50_000


def test_a_sale_that_asks_for_nothing_takes_nothing(counter: Counter, work: HouseSession) -> None:
    opened = make_open_sale(work, reference=f"dep-{secrets.token_hex(4)}", bidders=1)
    found = work.query(Registration).filter_by(sale_id=opened.sale_id).one()
    with pytest.raises(NoDepositAsked):
        ask_bidder(work, found, actor=None)


def test_the_round_is_done_for_a_house_with_and_without_stripe(
    counter: Counter, settings: Settings
) -> None:
    run_job(TASKS, counter.services, counter.desk.house.schema, ROUND, {})
    assert settle(counter.desk, counter.attempts(paid_payment(counter))[0].id) == "paid"


def paid_payment(counter: Counter) -> int:
    winner = won(counter, rules=RULES)
    winner.round()
    winner.settled()
    payment = winner.payment()
    assert payment is not None
    return payment.id
