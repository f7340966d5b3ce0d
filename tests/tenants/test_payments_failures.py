"""The fifteen ways a payment goes wrong, each against the sandbox over HTTP."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import Client as Browser
from wsgi import build_application

from auctionhouse.payments import charging
from auctionhouse.payments.attempts import begin_card, take_in
from auctionhouse.payments.cards import look_for_card, open_card_page
from auctionhouse.payments.charging import charge_now, renew_holds, resume_lost, settle
from auctionhouse.payments.happenings import take_in_dispute
from auctionhouse.payments.links import open_page, read_token, refresh, token_of
from auctionhouse.payments.models import PaymentDispute, PaymentRefund, StripePayout
from auctionhouse.payments.reconciliation import reconcile
from auctionhouse.payments.refunding import begin_refund, send_refund
from auctionhouse.payments.refusals import AlreadyPaid, LinkExpired, RefundTooLarge
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.accounts import account_of
from auctionxchange.payments.backfill import fetch_events
from auctionxchange.payments.inbox import work_again
from auctionxchange.payments.refusals import NotAtStripe, OutcomeUnknown, StripeRefused
from auctionxchange.sandbox.stripe.balance import finish_payout
from auctionxchange.sandbox.stripe.passing_time import let_pass
from auctionxchange.tenancy.house import House
from factories.stripe import (
    ASKS,
    DECLINES,
    DISPUTES,
    PAYS,
    Counter,
    new_counter,
    open_counter,
)


@pytest.fixture(scope="module")
def counter(settings: Settings, database: Database, oak: House) -> Iterator[Counter]:
    with open_counter(settings, database, oak) as opened:
        yield opened


@pytest.fixture(scope="module")
def web(counter: Counter, database: Database) -> Browser:
    return Browser(build_application(counter.desk.settings, database))


def paid(counter: Counter, *, amount: int = 12_000, number: str = PAYS, fee: int = 0) -> int:
    payment = counter.owed(counter.client(number), amount, fee=fee)
    assert charge_now(counter.desk, payment) == "paid"
    return payment


def latest(counter: Counter, kind: str) -> dict[str, Any]:
    return counter.events(kind)[-1]


def test_failure_01_a_duplicate_event_has_one_effect(counter: Counter, web: Browser) -> None:
    """Seen to fail with work asked for whether or not an event was known."""
    payment = paid(counter)
    event = latest(counter, "payment_intent.succeeded")
    for _ in range(3):
        assert counter.tell(web, event) == "done"
    assert counter.payment(payment).paid_amount == 12_000
    query = text("SELECT count(*) FROM exchange.outbox WHERE payload->>'event' = :event")
    with counter.desk.database.platform_connection() as connection:
        assert connection.execute(query, {"event": event["id"]}).scalar() == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_failure_02_events_out_of_order_lead_to_the_same_state(
    counter: Counter, web: Browser, *, backwards: bool
) -> None:
    payment = counter.owed(counter.client())
    with counter.desk.writing() as session:
        attempt = begin_card(session, counter.desk.house.schema, payment, counter.account)
        session.flush()
        attempt_id = attempt.id
        session.expunge_all()
    owed = counter.payment(payment)
    bill = charging.bill_of(owed, attempt)
    intent = counter.desk.gateway.charge(
        counter.account, bill, card=attempt.card or "", key=attempt.key
    )
    counter.desk.gateway.refund(
        counter.account, intent=intent["id"], amount=5_000, key=secrets.token_hex(8), note={}
    )
    told = [latest(counter, "payment_intent.succeeded"), latest(counter, "charge.refunded")]
    for event in reversed(told) if backwards else told:
        assert counter.tell(web, event) == "done"
    found = counter.payment(payment)
    assert (found.state, found.paid_amount, found.refunded_amount) == ("paid", 12_000, 5_000)
    assert settle(counter.desk, attempt_id) == "paid"


def test_failure_03_a_forged_or_old_event_is_refused_and_not_kept(
    counter: Counter, web: Browser
) -> None:
    """Seen to fail with signatures of any age."""
    event = {**latest_or_new(counter), "id": f"evt_{secrets.token_hex(8)}"}
    assert counter.post(web, event, secret="whsec_somebody_elses").status_code == 400
    assert counter.post(web, event, at=int(time.time()) - 3600).status_code == 400
    assert counter.post(web, event, endpoint="platform").status_code == 400
    unsigned = web.post("/stripe/webhooks/connect", data="{}", headers={"Host": "localhost"})
    assert unsigned.status_code == 400
    assert counter.state(event["id"]) is None


def latest_or_new(counter: Counter) -> dict[str, Any]:
    paid(counter)
    return latest(counter, "payment_intent.succeeded")


def test_failure_04_an_unknown_account_is_kept_aside(counter: Counter, web: Browser) -> None:
    event = {
        **latest_or_new(counter),
        "id": f"evt_{secrets.token_hex(8)}",
        "account": "acct_stranger",
    }
    assert counter.tell(web, event) == "stranger"


def test_failure_05_another_houses_payment_in_an_event_changes_nothing(
    counter: Counter, web: Browser
) -> None:
    """Seen to fail at a Stripe that leaks, with attempts looked up without their account."""
    other = new_counter(counter.sandbox, counter.desk, counter.services)
    payment = counter.owed(counter.client())
    assert charge_now(counter.desk, payment) == "paid"
    with counter.desk.writing() as session:
        session.execute(
            text("UPDATE payment_attempt SET state = 'unknown' WHERE payment_id = :id"),
            {"id": payment},
        )
        session.execute(
            text("UPDATE payment SET state = 'pending', paid_amount = 0 WHERE id = :id"),
            {"id": payment},
        )
    event = latest(counter, "payment_intent.succeeded")
    forged = {**event, "id": f"evt_{secrets.token_hex(8)}", "account": other.account}
    assert counter.tell(web, forged) == "foreign"
    assert counter.payment(payment).state == "pending"
    assert counter.tell(web, event) == "done"
    assert counter.payment(payment).state == "paid"


def test_failure_06_stripe_down_leaves_a_payment_pending_and_the_job_resumes(
    counter: Counter,
) -> None:
    payment = counter.owed(counter.client())
    counter.sandbox.fail("drop_before", 3)
    with pytest.raises(OutcomeUnknown):
        charge_now(counter.desk, payment)
    assert counter.payment(payment).state == "pending"
    assert resume_lost(counter.desk, older_than=timedelta()) >= 1
    assert settle(counter.desk, counter.attempts(payment)[0].id) == "paid"
    assert len(counter.charges(payment)) == len(counter.attempts(payment)) == 1


def test_failure_07_a_lost_answer_is_asked_for_again_and_charges_once(counter: Counter) -> None:
    """Seen to fail with a new key for each call."""
    payment = counter.owed(counter.client())
    counter.sandbox.fail("drop_after", 3)
    with pytest.raises(OutcomeUnknown):
        charge_now(counter.desk, payment)
    assert counter.attempts(payment)[0].state == "unknown"
    assert len(counter.charges(payment)) == 1
    assert charge_now(counter.desk, payment) == "paid"
    assert len(counter.charges(payment)) == 1


@pytest.mark.parametrize("hours", [0, 30])
def test_failure_08_a_commit_that_failed_after_the_charge_charges_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Within a day the key tells; beyond, the intent is looked up before any is made.

    Seen to fail with a new key for each call (0) and without looking it up (30).
    """
    payment = counter.owed(counter.client())

    def failing(*_arguments: object) -> str:
        raise ConnectionError

    with monkeypatch.context() as patched, pytest.raises(ConnectionError):
        patched.setattr(charging, "_taken_in", failing)
        charge_now(counter.desk, payment)
    attempt = counter.attempts(payment)[0]
    assert (attempt.state, len(counter.charges(payment))) == ("open", 1)
    let_pass(counter.sandbox.call_for, hours * 3600)
    with counter.desk.writing() as session:
        session.execute(
            text(
                "UPDATE payment_attempt SET created_at = created_at - make_interval(hours => :h)"
                " WHERE id = :id"
            ),
            {"h": hours, "id": attempt.id},
        )
    assert settle(counter.desk, attempt.id) == "paid"
    assert len(counter.charges(payment)) == 1


def test_failure_09_eight_threads_paying_one_invoice_make_one_charge(counter: Counter) -> None:
    """Seen to fail with a new key for each call."""
    payment = counter.owed(counter.client())

    def press(_number: int) -> str:
        try:
            return charge_now(counter.desk, payment)
        except (OutcomeUnknown, AlreadyPaid) as error:
            return error.code

    with ThreadPoolExecutor(8) as threads:
        outcomes = set(threads.map(press, range(8)))
    assert "paid" in outcomes
    assert outcomes <= {"paid", "outcome_unknown", "already_paid"}
    assert counter.payment(payment).state == "paid"
    assert len(counter.charges(payment)) == len(counter.attempts(payment)) == 1


def refunded(counter: Counter, payment: int, amount: int) -> str:
    """Give back what was approved, and return the refund's state."""
    with counter.desk.writing() as session:
        refund = begin_refund(session, payment, amount, reason="damage", actor=None).id
    return send_refund(counter.desk, refund)


def test_failure_10_partial_refunds_add_up_and_never_exceed_the_payment(
    counter: Counter, web: Browser
) -> None:
    """Seen to fail without looking at what is left."""
    payment = paid(counter, amount=10_000, fee=200)
    assert refunded(counter, payment, 3_000) == "done"
    assert refunded(counter, payment, 2_500) == "done"
    with pytest.raises(RefundTooLarge):
        refunded(counter, payment, 4_501)
    intent = counter.attempts(payment)[0].intent or ""
    with pytest.raises(StripeRefused):
        counter.desk.gateway.refund(
            counter.account, intent=intent, amount=4_501, key=secrets.token_hex(8), note={}
        )
    counter.tell(web, latest(counter, "charge.refunded"))
    found = counter.payment(payment)
    charge = counter.charges(payment)[0]
    assert found.refunded_amount == charge["amount_refunded"] == 5_500
    with counter.desk.writing() as session:
        rows = select(PaymentRefund.state).where(PaymentRefund.payment_id == payment)
        assert list(session.scalars(rows)) == ["done", "done"]


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_failure_11_a_dispute_freezes_and_its_end_is_kept(
    counter: Counter, web: Browser, outcome: str
) -> None:
    payment = paid(counter, number=DISPUTES)
    opened = latest(counter, "charge.dispute.created")
    assert counter.tell(web, opened) == "done"
    assert counter.payment(payment).disputed
    name = opened["data"]["object"]["id"]
    counter.page(f"/sandbox/disputes/{counter.account}/{name}/{outcome}", {})
    assert counter.tell(web, latest(counter, "charge.dispute.closed")) == "done"
    assert counter.tell(web, opened) == "done"
    assert counter.payment(payment).disputed is (outcome == "lost")
    with counter.desk.writing() as session:
        row = session.scalars(select(PaymentDispute).where(PaymentDispute.dispute == name)).one()
        assert (row.status, row.amount) == (outcome, 12_000)
        assert row.evidence_due is not None
        assert row.closed_at is not None


def test_an_answer_that_others_overtook_changes_nothing(counter: Counter, web: Browser) -> None:
    """Two workers fetch the same thing, and the older answer is written down last.

    Seen to fail without asking what may follow a state, and with disputes decided anew.
    """
    payment = paid(counter, number=DISPUTES)
    opened = latest(counter, "charge.dispute.created")["data"]["object"]
    counter.page(f"/sandbox/disputes/{counter.account}/{opened['id']}/won", {})
    assert counter.tell(web, latest(counter, "charge.dispute.closed")) == "done"
    take_in_dispute(counter.desk, payment, opened)
    attempt = counter.attempts(payment)[0]
    with counter.desk.writing() as session:
        take_in(session, attempt.id, {"id": attempt.intent, "status": "canceled"})
    found = counter.payment(payment)
    assert (found.state, found.paid_amount, found.disputed) == ("paid", 12_000, False)
    assert counter.attempts(payment)[0].state == "paid"


def test_failure_12_a_failed_payout_is_told_to_the_house(counter: Counter, web: Browser) -> None:
    paid(counter, amount=100_000)
    call = counter.sandbox.call_for(counter.account)
    payout = counter.desk.gateway.client.v1.payouts.create(
        {"amount": 500, "currency": "gbp"}, {"stripe_account": counter.account}
    )
    counter.tell(web, latest(counter, "payout.created"))
    finish_payout(call, call.get("payout", payout.id), paid=False)
    assert counter.tell(web, latest(counter, "payout.failed")) == "done"
    with counter.desk.writing() as session:
        assert session.get_one(StripePayout, payout.id).status == "failed"
    query = text("SELECT count(*) FROM exchange.outbox WHERE payload->>'payout' = :payout")
    with counter.desk.database.platform_connection() as connection:
        assert connection.execute(query, {"payout": payout.id}).scalar() == 1


def test_failure_13_a_payment_that_wants_its_cardholder_is_paid_by_link(
    counter: Counter, web: Browser
) -> None:
    payment = counter.owed(counter.client(ASKS))
    assert charge_now(counter.desk, payment) == "action"
    first = counter.attempts(payment)[0]
    assert settle(counter.desk, first.id) == "action"
    found = counter.payment(payment)
    assert (found.state, found.deadline is not None) == ("action_required", True)
    desk = counter.desk
    token = token_of(desk.settings, desk.house, payment)
    assert read_token(desk.settings, desk.house, token) == payment
    url = open_page(desk, payment, back="http://oak.localhost/pay")
    assert url == open_page(desk, payment, back="http://oak.localhost/pay")
    asked = counter.page(url, {"card": ASKS})
    assert asked.status_code == 303
    assert counter.page(asked.headers["location"], {"answer": "yes"}).status_code == 303
    refresh(desk, payment)
    assert [attempt.state for attempt in counter.attempts(payment)] == ["action", "paid"]
    assert len(counter.charges(payment)) == 1
    with pytest.raises(AlreadyPaid):
        open_page(desk, payment, back="http://oak.localhost/pay")


def test_a_link_is_worth_nothing_after_its_deadline_or_at_another_house(
    counter: Counter, elm: House
) -> None:
    payment = counter.owed(counter.client(ASKS))
    charge_now(counter.desk, payment)
    token = token_of(counter.desk.settings, counter.desk.house, payment)
    with pytest.raises(LinkExpired):
        read_token(counter.desk.settings, elm, token)
    with counter.desk.writing() as session:
        session.execute(
            text("UPDATE payment SET deadline = now() - interval '1 s' WHERE id = :id"),
            {"id": payment},
        )
    with pytest.raises(LinkExpired):
        open_page(counter.desk, payment, back="http://oak.localhost/pay")


def test_failure_14_a_house_that_takes_access_away_keeps_its_records(
    counter: Counter, web: Browser
) -> None:
    leaving = new_counter(counter.sandbox, counter.desk, counter.services)
    done = paid(leaving)
    waiting = leaving.owed(leaving.client())
    with leaving.desk.writing() as session:
        attempt = begin_card(session, leaving.desk.house.schema, waiting, leaving.account)
        session.flush()
        attempt_id = attempt.id
    leaving.page(f"/sandbox/accounts/{leaving.account}/deauthorize", {})
    assert settle(leaving.desk, attempt_id) == "refused"
    event = latest(leaving, "account.application.deauthorized")
    assert event["data"]["object"]["object"] == "application"
    assert leaving.tell(web, event) == "done"
    assert account_of(leaving.desk.database, leaving.desk.house, leaving.entity) is None
    assert leaving.payment(done).state == "paid"
    assert leaving.payment(waiting).state == "due"


def test_failure_15_an_expired_hold_is_let_go_and_made_anew(counter: Counter) -> None:
    payment = counter.owed(counter.client())
    assert charge_now(counter.desk, payment, hold=True) == "held"
    first = counter.attempts(payment)[0]
    assert first.capture_before is not None
    let_pass(counter.sandbox.call_for, 5 * 86400)
    assert renew_holds(counter.desk) == [payment]
    second = counter.attempts(payment)[1]
    assert [a.state for a in counter.attempts(payment)] == ["cancelled", "held"]
    assert charging.capture_hold(counter.desk, second.id, 9_000) == "paid"
    assert counter.payment(payment).paid_amount == 9_000


def test_a_declined_card_is_tried_anew_under_a_new_key(counter: Counter) -> None:
    payment = counter.owed(counter.client(DECLINES))
    assert charge_now(counter.desk, payment) == "declined"
    assert charge_now(counter.desk, payment) == "declined"
    keys = [attempt.key for attempt in counter.attempts(payment)]
    assert len(set(keys)) == 2
    assert counter.payment(payment).state == "failed"


def test_a_card_is_kept_on_stripes_page(counter: Counter) -> None:
    client = counter.client()
    with counter.desk.writing() as session:
        session.execute(text("UPDATE card_on_file SET card = NULL WHERE client_id = :c"),
                        {"c": client})  # fmt: skip
    url = open_card_page(
        counter.desk, client, entity=counter.entity, currency="GBP", back="http://oak.localhost/"
    )
    assert "TEST" in counter.page(url).text
    assert counter.page(url, {"card": "4000000000000002"}).status_code == 402
    assert counter.page(url, {"card": PAYS}).status_code == 303
    kept = look_for_card(counter.desk, client, counter.account)
    assert kept is not None
    assert kept.last4 == "4242"


def test_a_thousand_shuffled_and_doubled_events_leave_the_state_they_leave_in_order(
    counter: Counter, web: Browser
) -> None:
    """States are compared with what Stripe says itself: reconciliation finds no difference."""
    mine = new_counter(counter.sandbox, counter.desk, counter.services)
    payments = []
    for number in range(12):
        payment = paid(mine, number=DISPUTES if number % 4 == 0 else PAYS)
        payments.append(payment)
        if number % 3 == 0:
            intent = mine.attempts(payment)[0].intent or ""
            mine.desk.gateway.refund(
                mine.account, intent=intent, amount=1_000, key=f"r{payment}", note={}
            )
    events = mine.events()
    shuffled = [secrets.choice(events) for _ in range(1000 - len(events))] + events
    secrets.SystemRandom().shuffle(shuffled)
    for event in shuffled:
        assert mine.post(web, event).status_code == 200
    for event in shuffled:
        mine.work(event["id"])
    state = state_of(mine, payments)
    with mine.desk.database.platform_session() as session, session.begin():
        session.execute(
            text("UPDATE exchange.stripe_event SET state = 'received' WHERE account = :account"),
            {"account": mine.account},
        )
    for event in events:
        mine.work(event["id"])
    assert state_of(mine, payments) == state
    assert reconcile(mine.desk, mine.connected) == []
    assert sum(row[3] for row in state) == 4_000
    assert sum(row[4] for row in state) == 3


def state_of(counter: Counter, payments: list[int]) -> list[tuple[Any, ...]]:
    found = [counter.payment(payment) for payment in payments]
    return [(p.id, p.state, p.paid_amount, p.refunded_amount, p.disputed) for p in found]


def test_what_differs_between_the_books_is_listed(counter: Counter) -> None:
    mine = new_counter(counter.sandbox, counter.desk, counter.services)
    payment = paid(mine)
    assert reconcile(mine.desk, mine.connected) == []
    with mine.desk.writing() as session:
        session.execute(
            text("UPDATE payment_attempt SET received = 11999 WHERE payment_id = :id"),
            {"id": payment},
        )
    [difference] = reconcile(mine.desk, mine.connected)
    assert (difference.at_stripe, difference.with_us) == (12_000, 11_999)


def test_an_object_of_one_account_is_missing_at_another(counter: Counter) -> None:
    other = new_counter(counter.sandbox, counter.desk, counter.services)
    intent = counter.attempts(paid(counter))[0].intent or ""
    with pytest.raises(NotAtStripe):
        counter.desk.gateway.find(other.account, "payment_intent", intent)


def test_a_live_key_is_refused_by_the_sandbox(counter: Counter) -> None:
    from auctionxchange.payments.gateway import make_gateway  # noqa: PLC0415

    live = replace(counter.desk.settings, stripe_secret_key="sk_live_never")
    with pytest.raises(StripeRefused):
        make_gateway(live).find(counter.account, "payment_intent", "pi_1")


def test_a_backfill_brings_what_webhooks_did_not_and_known_events_change_nothing(
    counter: Counter, database: Database
) -> None:
    mine = new_counter(counter.sandbox, counter.desk, counter.services)
    payment = paid(mine)
    told = {event["id"] for event in mine.events()}
    assert all(mine.state(event) is None for event in told)
    assert fetch_events(database, mine.desk.gateway, days=1) >= len(told)
    assert fetch_events(database, mine.desk.gateway, days=1) == 0
    for event in told:
        assert mine.work(event) in {"done", "ignored"}
    assert mine.payment(payment).paid_amount == 12_000


def test_an_event_kept_aside_is_worked_on_once_its_account_is_known(
    counter: Counter, web: Browser, database: Database
) -> None:
    mine = new_counter(counter.sandbox, counter.desk, counter.services)
    paid(mine)
    event = latest(mine, "payment_intent.succeeded")
    assert mine.tell(web, event) == "done"
    with database.platform_session() as session, session.begin():
        session.execute(
            text("UPDATE exchange.stripe_event SET state = 'stranger' WHERE event_id = :id"),
            {"id": event["id"]},
        )
        assert work_again(session) >= 1
    assert mine.work(event["id"]) == "done"
