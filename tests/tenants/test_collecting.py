"""After the release, on a real database: reminders, late charges, non-payers, accounts, orders."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import auctionhouse.collecting.tasks
import auctionhouse.handover.tasks  # noqa: F401 - registers its tasks
from auctionhouse.collecting import nonpayers
from auctionhouse.collecting.closing import closed_unseen, see_to_closed_sale
from auctionhouse.collecting.late_charges import charge_lateness, lateness
from auctionhouse.collecting.refusals import (
    NothingToCharge,
    PaidInPart,
    ReasonNeeded,
    WayNotOpen,
)
from auctionhouse.collecting.reminding import REMIND, send_reminders
from auctionhouse.collecting.settings import FIELDS, rules_of, save_rules
from auctionhouse.handover.operations import (
    collect_lots,
    hold_back,
    holds_of,
    lift_hold,
    order_of,
    pack_parcel,
)
from auctionhouse.handover.refusals import AlreadyCollected, HeldBack, WrongCode
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.accounts import refund_credit, spend_credit, write_off
from auctionhouse.invoicing.allowances import allow, left_of
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import (
    credit_invoice,
    lines_of,
    lots_of,
    make_proformas,
    release_invoice,
)
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import (
    AlreadyCredited,
    CreditTooSmall,
    NothingDue,
    NotReleased,
    PaymentTwice,
)
from auctionhouse.invoicing.reissuing import Change, reissue
from auctionhouse.invoicing.rules import Entry
from auctionhouse.invoicing.statements import statements_of
from auctionhouse.members.models import Client, Member
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.errors import NotFound
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.invoices import SoldSale, make_sold_sale
from factories.jobs import Mailbox
from factories.visitors import make_member

TODAY = date.today()  # noqa: DTZ011 - the database says the same, or the day after
RULES: dict[str, Any] = {
    "reminder_days": [3, 10], "interest_reference": 4, "interest_margin": 8,
    "interest_after_days": 0, "storage_after_days": 10, "storage_fee": 250, "storage_vat": 20,
    "at_close": "nothing", "charge": "nothing", "charge_up_to": None, "charge_after_hours": 24,
    "link_days": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def app(settings: Settings, database: Database) -> Flask:
    return create_house_app(settings, database, Directory(database, settings))


@pytest.fixture(autouse=True)
def _at_oak(app: Flask, oak: House) -> Iterator[None]:
    with acting_for(oak), app.app_context():
        yield


@pytest.fixture
def sold(work: HouseSession) -> SoldSale:
    return make_sold_sale(work)


@pytest.fixture
def invoice(work: HouseSession, sold: SoldSale) -> Invoice:
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    return release_invoice(work, made.id, actor=None)


@pytest.fixture
def staff(work: HouseSession, database: Database, oak: House) -> int:
    return make_member(database, oak, roles=("owner",)).id


def pay(work: HouseSession, invoice: Invoice, amount: int, method: str = "transfer") -> int:
    return record_payment(work, invoice.id, amount, method, received_on=TODAY, actor=None).id


def after(invoice: Invoice, days: int) -> date:
    """Return the day so many days after an invoice was due."""
    assert invoice.due_on is not None
    return invoice.due_on + timedelta(days=days)


# Reminders


def test_a_reminder_goes_out_once_a_step_and_stops_when_paid(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    save_rules(work, sold.entity.id, RULES, actor=None)
    steps = text("SELECT step FROM invoice_reminder WHERE invoice_id = :i ORDER BY step")

    def sent() -> list[int]:
        return list(work.scalars(steps, {"i": invoice.id}))

    send_reminders(work, today=after(invoice, 2))
    assert sent() == []
    for _ in range(2):
        send_reminders(work, today=after(invoice, 3))
    assert sent() == [1]
    pay(work, invoice, 1_000)
    send_reminders(work, today=after(invoice, 10))
    assert sent() == [1, 2]
    pay(work, invoice, invoice.total)
    send_reminders(work, today=after(invoice, 40))
    assert sent() == [1, 2]


def test_nobody_is_reminded_of_a_disputed_payment(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    dispute(work, invoice)
    send_reminders(work, today=after(invoice, 30))
    found = text("SELECT count(*) FROM invoice_reminder WHERE invoice_id = :i")
    assert work.scalar(found, {"i": invoice.id}) == 0


def dispute(work: HouseSession, invoice: Invoice) -> None:
    work.execute(
        text(
            "INSERT INTO payment (kind, reference_id, entity, client_id, amount, currency,"
            " description, disputed) VALUES ('invoice', :i, 1, :c, 100, 'GBP', 'x', true)"
        ),
        {"i": invoice.id, "c": invoice.client_id},
    )


def test_mails_say_what_is_due_in_the_buyers_language(
    work: HouseSession, app: Flask, settings: Settings, database: Database, oak: House,
    sold: SoldSale, invoice: Invoice,
) -> None:  # fmt: skip
    work.execute(
        text("UPDATE member SET locale = 'fr' WHERE id = :id"), {"id": sold.sale.bidders[0][1]}
    )
    save_rules(work, sold.entity.id, RULES, actor=None)
    send_reminders(work, today=after(invoice, 3))
    work.commit()
    services = WorkerServices(settings, database, Directory(database, settings), Mailbox(), app)
    run_job(TASKS, services, oak.schema, REMIND, {"invoice": invoice.id, "step": 1})
    mail = text(
        "SELECT payload FROM exchange.outbox WHERE topic = 'mail.send' ORDER BY id DESC LIMIT 1"
    )
    with database.platform_connection() as connection:
        said = connection.execute(mail).scalar_one()
    assert said["to"] == f"bidder1-{sold.sale.sale_id}@example.com"
    assert invoice.number in said["subject"]
    for part in ("text", "html"):
        assert "2" in said[part]
        assert f"/account/invoices/{invoice.id}" in said[part]


# Late charges


def test_lateness_is_charged_by_a_new_invoice_and_no_day_twice(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    """12 per cent on 2,600.00 for 30 days is 25.64; two lots stored 27 days at 2.50 are 135.00.

    Seen to fail without keeping up to which day was charged.
    """
    save_rules(work, sold.entity.id, RULES, actor=None)
    today = after(invoice, 30)
    found = lateness(work, invoice, today=today)
    assert (found.of("interest"), found.of("storage"), found.of("vat")) == (2_564, 13_500, 2_700)
    made = charge_lateness(work, invoice.id, today=today, actor=None)
    assert made.charges_for == invoice.id
    assert made.total == sum(line.amount for line in lines_of(work, made.id)) == 18_764
    assert postings.due(work, invoice.id) == invoice.total
    with pytest.raises(NothingToCharge):
        charge_lateness(work, invoice.id, today=today, actor=None)
    later = lateness(work, invoice, today=after(invoice, 40))
    assert later.of("interest") == round(260_000 * 0.12 * 10 / 365)
    assert later.of("storage") == 2 * 10 * 250
    assert lateness(work, made, today=after(invoice, 400)).total == 0
    assert postings.unbalanced(work) == []


def test_nothing_is_charged_before_its_day_or_where_no_rate_is_set(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    assert lateness(work, invoice, today=after(invoice, 100)).total == 0
    save_rules(work, sold.entity.id, {**RULES, "storage_fee": None, "storage_after_days": None,
                                      "interest_after_days": 14}, actor=None)  # fmt: skip
    assert lateness(work, invoice, today=after(invoice, 14)).total == 0
    assert lateness(work, invoice, today=after(invoice, 15)).total == round(260_000 * 0.12 / 365)
    credit_invoice(work, invoice.id, "wrong", actor=None)
    assert lateness(work, invoice, today=after(invoice, 30)).total == 0


def test_a_part_of_what_lateness_cost_is_credited_with_the_tax_on_it(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    """Storage of one of two lots takes half of the VAT along, interest none of it."""
    save_rules(work, sold.entity.id, RULES, actor=None)
    made = charge_lateness(work, invoice.id, today=after(invoice, 30), actor=None)

    def taken(kind: str, amount: int) -> list[tuple[str, int]]:
        left = left_of(work, made)
        place = next(place for place in left.places if left.pieces[place].kind == kind)
        note = allow(work, made.id, place, amount, reason="We were closed", actor=None)
        return [(line.kind, line.amount) for line in lines_of(work, note.id)]

    assert taken("interest", 564) == [("interest", -564)]
    assert taken("storage", 6_750) == [("storage", -6_750), ("vat", -1_350)]
    assert taken("storage", 1) == [("storage", -1), ("vat", 0)]
    assert taken("storage", 6_749) == [("storage", -6_749), ("vat", -1_350)]
    assert postings.due(work, made.id) == 2_000
    assert postings.unbalanced(work) == []


# The non-payer's way


def test_the_way_of_who_never_pays(
    work: HouseSession, sold: SoldSale, invoice: Invoice, staff: int
) -> None:
    """Warned, the sale cancelled with a credit note, the account blocked: in this order only."""
    late = after(invoice, 1)
    with pytest.raises(WayNotOpen):
        nonpayers.warn(work, invoice.id, reason="late", today=invoice.due_on, actor=staff)
    with pytest.raises(WayNotOpen):
        cancel(work, invoice, staff)
    with pytest.raises(ReasonNeeded):
        nonpayers.warn(work, invoice.id, reason=" ", today=late, actor=staff)
    nonpayers.warn(work, invoice.id, reason="No answer", today=late, actor=staff)
    lots = [lot.lot_id for lot in lots_of(work, invoice.id)]
    nonpayers.note_offered(work, lots[0], actor=staff)
    note = cancel(work, invoice, staff)
    assert note.total == -invoice.total
    outcomes = text("SELECT outcome FROM lot_state WHERE lot_id = ANY(:lots)")
    assert set(work.scalars(outcomes, {"lots": lots})) == {"unsold"}
    assert make_proformas(work, sold.sale.sale_id, actor=None) == []
    nonpayers.note_offered(work, lots[0], actor=staff)
    nonpayers.block(work, invoice.id, reason="Never pays", actor=staff)
    member = work.get_one(Member, work.get_one(Client, invoice.client_id).member_id)
    work.refresh(member)
    assert member.blocked_at is not None
    acts = text("SELECT act FROM nonpayer_step WHERE invoice_id = :i ORDER BY id")
    assert list(work.scalars(acts, {"i": invoice.id})) == [
        "warned", "cancelled", "cancelled", "offered", "blocked",
    ]  # fmt: skip
    audited = text("SELECT count(*) FROM audit_entry WHERE action LIKE 'nonpayer.%'"
                   " AND subject = :s AND actor_member_id = :a")  # fmt: skip
    assert work.scalar(audited, {"s": f"invoice:{invoice.id}", "a": staff}) == 5


def cancel(work: HouseSession, invoice: Invoice, staff: int) -> Invoice:
    return nonpayers.cancel_sale(
        work, invoice.id, reason="Unpaid", notice="The sale was cancelled.", actor=staff
    )


def test_a_sale_that_is_paid_in_part_is_not_cancelled(
    work: HouseSession, invoice: Invoice, staff: int
) -> None:
    nonpayers.warn(work, invoice.id, reason="late", today=after(invoice, 1), actor=staff)
    pay(work, invoice, 1)
    with pytest.raises(PaidInPart):
        cancel(work, invoice, staff)


def test_what_was_taken_off_is_no_payment_and_lets_the_sale_be_cancelled(
    work: HouseSession, invoice: Invoice, staff: int
) -> None:
    place = left_of(work, invoice).places[0]
    note = allow(work, invoice.id, place, 100, reason="Frame", actor=staff)
    nonpayers.warn(work, invoice.id, reason="late", today=after(invoice, 1), actor=staff)
    assert cancel(work, invoice, staff).total == -invoice.total - note.total


# Accounts


def test_what_is_written_off_pays_vendors_from_the_houses_own(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    pay(work, invoice, 150_000)
    assert write_off(work, invoice.id, reason="Died", actor=None) == 110_000
    assert postings.due(work, invoice.id) == 0
    found = next(one for one in postings.client_money(work) if one.entity_id == sold.entity.id)
    assert (found.bank, found.vendors, found.difference) == (200_000, 200_000, 0)
    with pytest.raises(NothingDue):
        write_off(work, invoice.id, reason="again", actor=None)
    note = credit_invoice(work, invoice.id, "after all", actor=None)
    assert note.total == -invoice.total
    found = next(one for one in postings.client_money(work) if one.entity_id == sold.entity.id)
    assert (found.bank, found.vendors, found.buyers, found.difference) == (150_000, 0, 150_000, 0)


def test_credit_is_paid_back_once_and_never_more_than_there_is(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    pay(work, invoice, invoice.total + 5_000)

    def back(amount: int, token: str) -> int:
        return refund_credit(
            work, invoice.client_id, sold.entity.id, amount, paid_on=TODAY, token=token, actor=None
        ).id

    with pytest.raises(CreditTooSmall):
        back(5_001, "a" * 12)
    token = f"t{invoice.id}"
    assert back(2_000, token) == back(2_000, token)
    with pytest.raises(PaymentTwice):
        back(2_001, token)
    with pytest.raises(CreditTooSmall):
        back(3_001, "b" * 12)
    credit = postings.credit_of(work, invoice.client_id, sold.entity.id, "GBP")
    assert credit == 3_000
    assert statements_of(work, invoice.client_id)[0].balance == -3_000


def test_a_statement_adds_up_to_what_is_owed(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    pay(work, invoice, 100_000)
    save_rules(work, sold.entity.id, RULES, actor=None)
    charges = charge_lateness(work, invoice.id, today=after(invoice, 30), actor=None)
    found = statements_of(work, invoice.client_id)[0]
    assert [line.kind for line in found.lines] == ["release", "payment", "charges"]
    assert found.balance == invoice.total - 100_000 + charges.total
    assert sum(line.amount for line in found.lines) == found.balance


# Put right in one act


def test_an_invoice_is_credited_and_released_anew_in_one_act(
    work: HouseSession, sold: SoldSale, invoice: Invoice
) -> None:
    pay(work, invoice, 50_000)
    lots = [lot.lot_id for lot in lots_of(work, invoice.id)]
    change = Change({"name": "Ada", "vat_number": "FR12345678901"}, None, {lots[0]: "margin"})
    fresh = reissue(work, invoice.id, change, reason="VAT number", actor=None)
    assert fresh.replaces_id == invoice.id
    assert fresh.number is not None
    assert fresh.total == invoice.total - 5_000
    assert postings.due(work, fresh.id) == fresh.total - 50_000
    assert postings.due(work, invoice.id) == 0
    assert [lot.lot_id for lot in lots_of(work, fresh.id)] == lots
    assert make_proformas(work, sold.sale.sale_id, actor=None) == []
    with pytest.raises(AlreadyCredited):
        reissue(work, invoice.id, change, reason="again", actor=None)


def test_another_buyer_gets_the_invoice_and_the_first_keeps_their_credit(
    work: HouseSession,
) -> None:
    sold = make_sold_sale(work, lots=2, buyers=2)
    made = make_proformas(work, sold.sale.sale_id, actor=None)
    first, waiting = release_invoice(work, made[0].id, actor=None), made[1]
    pay(work, first, 10_000)
    change = Change({"name": "Ben"}, None, {}, client_id=sold.buyers[1])
    fresh = reissue(work, first.id, change, reason="Wrong paddle", actor=None)
    assert fresh.client_id == sold.buyers[1]
    assert postings.due(work, fresh.id) == fresh.total
    assert postings.credit_of(work, sold.buyers[0], sold.entity.id, "GBP") == 10_000
    assert work.get_one(Invoice, waiting.id).number is None


# Handing over


def test_lots_leave_against_a_code_once_everything_is_paid(
    work: HouseSession, invoice: Invoice
) -> None:
    pay(work, invoice, invoice.total - 1)
    assert order_of(work, invoice.id) is None
    pay(work, invoice, 1)
    order = order_of(work, invoice.id)
    assert order is not None
    assert len(order.code) == 6
    lots = [lot.lot_id for lot in lots_of(work, invoice.id)]
    with pytest.raises(WrongCode):
        collect_lots(work, order.id, lots, by="Ada", code="AAAAAA", actor=None)
    with pytest.raises(NotFound):
        collect_lots(work, order.id, [10**9], by="Ada", code=None, actor=None)
    typed = f" {order.code[:3].lower()} {order.code[3:]} "
    collect_lots(work, order.id, lots[:1], by="Ada", code=typed, actor=None)
    with pytest.raises(AlreadyCollected):
        collect_lots(work, order.id, lots, by="Ada", code=None, actor=None)
    parcel = pack_parcel(
        work, order.id, lots[1:], carrier="DHL", tracking="1", contents="", actor=None
    )
    assert parcel.number == 1


@pytest.mark.parametrize("why", ["disputed", "due_diligence", "credited", "unpaid"])
def test_nothing_leaves_while_something_holds_it(
    work: HouseSession, invoice: Invoice, staff: int, why: str
) -> None:
    """Seen to fail with each part of holds_of left out."""
    pay(work, invoice, invoice.total)
    order = order_of(work, invoice.id)
    assert order is not None
    assert holds_of(work, order) == []
    if why == "disputed":
        dispute(work, invoice)
    elif why == "due_diligence":
        hold_back(work, invoice.client_id, why, "Over the threshold", actor=staff)
        hold_back(work, invoice.client_id, why, "again", actor=staff)
    elif why == "credited":
        credit_invoice(work, invoice.id, "wrong", actor=None)
    else:
        entries = [Entry("office.due", 5, invoice.client_id),
                   Entry("office.bank", -5)]  # fmt: skip
        postings.post(work, invoice, "refund", entries, actor=None)
    lots = [lot.lot_id for lot in lots_of(work, invoice.id)]
    with pytest.raises(HeldBack) as refused:
        collect_lots(work, order.id, lots, by="Ada", code=order.code, actor=None)
    assert refused.value.fields["why"] == why
    if why == "due_diligence":
        lift_hold(work, invoice.client_id, why, reason="Passport seen", actor=staff)
        assert holds_of(work, order) == []


# By itself


@pytest.mark.parametrize(
    ("at_close", "made", "released"), [("nothing", 0, 0), ("draft", 1, 0), ("release", 1, 1)]
)
def test_a_closed_sale_is_seen_to_once(
    work: HouseSession, sold: SoldSale, at_close: str, made: int, released: int
) -> None:
    save_rules(work, sold.entity.id, {**RULES, "at_close": at_close}, actor=None)
    work.execute(
        # First of all the sales other tests closed: only so many are looked at in one go.
        text("UPDATE sale SET closed_at = '2000-01-01' WHERE id = :sale"),
        {"sale": sold.sale.sale_id},
    )
    assert sold.sale.sale_id in closed_unseen(work), "the sale closed first is seen to first"
    assert see_to_closed_sale(work, sold.sale.sale_id) == made
    assert see_to_closed_sale(work, sold.sale.sale_id) == 0
    numbers = text("SELECT count(number) FROM invoice WHERE sale_id = :sale")
    assert work.scalar(numbers, {"sale": sold.sale.sale_id}) == released


def test_rules_that_cannot_be_are_refused_by_the_database(
    work: HouseSession, sold: SoldSale
) -> None:
    assert set(FIELDS) <= set(RULES)
    assert rules_of(work, sold.entity.id).charge == "nothing"
    with pytest.raises(Exception, match="collecting_rules_charge"):
        save_rules(work, sold.entity.id, {**RULES, "charge": "invoice"}, actor=None)


# Properties

ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["release", "pay", "spend", "credit", "draft", "late", "write_off", "back", "reissue"]
        ),
        st.integers(0, 3),
        st.integers(1, 400_000),
    ),
    max_size=14,
)
REFUSED = (
    AlreadyCredited, CreditTooSmall, NothingDue, NothingToCharge, NotReleased, PaymentTwice,
)  # fmt: skip


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ACTS)
def test_the_ledger_balances_after_any_acts(
    work: HouseSession, acts: list[tuple[str, int, int]]
) -> None:
    """Statements add up to what is due less the credit, and client money is all there."""
    with work.begin_nested() as savepoint:
        sold = make_sold_sale(work, lots=4, buyers=2)
        save_rules(work, sold.entity.id, RULES, actor=None)
        made = [invoice.id for invoice in make_proformas(work, sold.sale.sale_id, actor=None)]
        for act, place, amount in acts:
            _try(work, sold, made, act, made[place % len(made)], amount)
            work.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            work.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        assert postings.unbalanced(work) == []
        assert not [found for found in postings.client_money(work) if found.difference]
        for client in sold.buyers:
            due = text(
                "SELECT coalesce(sum(e.amount), 0) FROM posting_entry e"
                " WHERE e.client_id = :c AND e.account = 'office.due'"
            )
            credit = postings.credit_of(work, client, sold.entity.id, "GBP")
            assert credit >= 0
            owed = work.scalar(due, {"c": client}) - credit
            assert sum(found.balance for found in statements_of(work, client)) == owed
        savepoint.rollback()


def _try(
    work: HouseSession, sold: SoldSale, made: list[int], act: str, chosen: int, amount: int
) -> None:
    invoice = work.get_one(Invoice, chosen)
    acts: dict[str, Callable[[], object]] = {
        "release": lambda: invoice.number or release_invoice(work, chosen, actor=None),
        "pay": lambda: pay(work, invoice, amount),
        "spend": lambda: spend_credit(work, invoice, most=amount, actor=None),
        "credit": lambda: credit_invoice(work, chosen, "wrong", actor=None),
        "draft": lambda: made.extend(
            one.id for one in make_proformas(work, sold.sale.sale_id, actor=None)
        ),
        "late": lambda: made.append(
            charge_lateness(
                work, chosen, today=TODAY + timedelta(days=amount // 4_000), actor=None
            ).id
        ),
        "write_off": lambda: write_off(work, chosen, reason="x", actor=None),
        "back": lambda: refund_credit(
            work, invoice.client_id, sold.entity.id, amount, paid_on=TODAY, actor=None
        ),
        "reissue": lambda: made.append(
            reissue(
                work, chosen, Change({"name": "A"}, None, {}, sold.buyers[amount % 2]),
                reason="x", actor=None,
            ).id
        ),
    }  # fmt: skip
    try:
        acts[act]()
    except REFUSED:
        return
