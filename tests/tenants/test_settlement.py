"""Settling with consignors on a real database: statements, payouts, corrections, the accounts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auctionhouse.invoicing import postings
from auctionhouse.invoicing.operations import credit_invoice, make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.settlement.models import PayoutRun, Statement
from auctionhouse.settlement.operations.contra import set_off
from auctionhouse.settlement.operations.corrections import counter_statement
from auctionhouse.settlement.operations.holds import hold_lot, lift_hold
from auctionhouse.settlement.operations.paying import (
    confirm_run,
    fail_payment,
    file_of,
    make_file,
    mark_sent,
    retry_payment,
)
from auctionhouse.settlement.operations.payouts import (
    approve_run,
    cancel_run,
    drop_client,
    propose_run,
    run_lines,
    standings,
)
from auctionhouse.settlement.operations.returned import take_back
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionhouse.settlement.operations.writing import lines_of, parts_of
from auctionhouse.settlement.queries.payable import open_groups
from auctionhouse.settlement.refusals import (
    ContraOfAnother,
    ContraTooLarge,
    FileInvalid,
    HeldMeanwhile,
    NothingPayable,
    NothingToCorrect,
    PayDayPast,
    RunStateRefuses,
    SaleNotOver,
    StatementReleased,
)
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from factories.vendors import Consigned, make_consigned, pay_all, set_payees, share

SOON = timedelta(days=1)


@pytest.fixture
def consigned(work: HouseSession) -> Consigned:
    made = make_consigned(work)
    set_payees(work, made.vendor, [share("A. Vendor")])
    return made


def stated(work: HouseSession, consigned: Consigned) -> Statement:
    drafted = draft_statements(work, consigned.sale, actor=None)
    return release_statement(work, drafted[-1].id, actor=None)


def day(work: HouseSession) -> date:
    found = database_now(work).date() + SOON
    return found + timedelta(days=max(0, 7 - found.weekday()) if found.weekday() > 4 else 0)


def propose(work: HouseSession, consigned: Consigned, method: str = "bacs") -> PayoutRun:
    return propose_run(
        work, consigned.entity, consigned.sold.entity.currency, method, pay_on=day(work), actor=None
    )


def send(work: HouseSession, run: PayoutRun) -> None:
    approve_run(work, run.id, proposed_by=None, approved_by=None)
    make_file(work, run.id, actor=None)
    mark_sent(work, run.id, actor=None)


def balances(work: HouseSession, consigned: Consigned) -> dict[str, int]:
    """Return every account's balance at the entity, those at nothing left out."""
    work.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    work.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    rows = work.execute(
        text(
            "SELECT e.account, sum(e.amount)::bigint FROM posting_entry e JOIN posting p"
            " ON p.id = e.posting_id WHERE p.entity_id = :e GROUP BY 1 HAVING sum(e.amount) <> 0"
        ),
        {"e": consigned.entity},
    )
    return {row[0]: row[1] for row in rows}


def codes(work: HouseSession, consigned: Consigned) -> list[list[str]]:
    """Return why each open group waits."""
    groups = open_groups(work, consigned.entity, consigned.sold.entity.currency)
    return [[one.code for one in group.waits] for group in groups]


def test_a_statement_says_what_the_vendor_gets_and_charges_it(
    work: HouseSession, consigned: Consigned
) -> None:
    statement = stated(work, consigned)
    assert statement.number is not None
    lines = [(line.part, line.kind, line.amount) for line in lines_of(work, statement.id)]
    one = [("hammer", 100_000), ("commission", -10_000), ("vat", -2_000)]
    assert lines == [(part, *line) for part in (1, 2) for line in one]
    assert statement.total == 176_000
    assert balances(work, consigned) == {
        "office.vendors": 24_000, "office.commission": -20_000, "office.vat": -4_000,
    }  # fmt: skip
    assert draft_statements(work, consigned.sale, actor=None) == []


def test_statements_wait_for_the_sale_to_close(work: HouseSession, consigned: Consigned) -> None:
    work.execute(text("UPDATE sale SET state = 'published' WHERE id = :s"), {"s": consigned.sale})
    work.expire_all()
    with pytest.raises(SaleNotOver):
        draft_statements(work, consigned.sale, actor=None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE statement SET total = 1 WHERE id = :i",
        "DELETE FROM statement WHERE id = :i",
        "UPDATE statement_part SET amount = 1 WHERE statement_id = :i",
        "DELETE FROM statement_part WHERE statement_id = :i",
        "UPDATE statement_line SET amount = 1 WHERE statement_id = :i",
        "INSERT INTO statement_part (statement_id, part, amount) VALUES (:i, 99, 5)",
    ],
)
def test_the_database_keeps_a_released_statement_as_it_is(
    work: HouseSession, consigned: Consigned, statement: str
) -> None:
    released = stated(work, consigned)
    with pytest.raises(IntegrityError, match="stay"):
        work.execute(text(statement), {"i": released.id})


def test_the_database_refuses_a_statement_whose_lines_do_not_add_up(
    work: HouseSession, consigned: Consigned
) -> None:
    draft = draft_statements(work, consigned.sale, actor=None)[0]
    work.execute(
        text("UPDATE statement_line SET amount = amount + 1 WHERE statement_id = :i"),
        {"i": draft.id},
    )
    with pytest.raises(IntegrityError, match="add up"):
        work.execute(
            text(
                "UPDATE statement SET number = 'X', sequence = 1, released_at = now() WHERE id = :i"
            ),
            {"i": draft.id},
        )


def test_a_released_statement_is_not_released_again(
    work: HouseSession, consigned: Consigned
) -> None:
    statement = stated(work, consigned)
    with pytest.raises(StatementReleased):
        release_statement(work, statement.id, actor=None)


def test_nothing_is_paid_before_the_buyer_has(work: HouseSession, consigned: Consigned) -> None:
    stated(work, consigned)
    assert codes(work, consigned) == [["not_invoiced"], ["not_invoiced"]]
    invoice = release_invoice(
        work, make_proformas(work, consigned.sale, actor=None)[0].id, actor=None
    )
    today = date(2026, 11, 24)
    record_payment(work, invoice.id, 150_000, "cash", received_on=today, actor=None)
    assert codes(work, consigned) == [["unpaid"], ["unpaid"]]
    work.execute(text("UPDATE vendor_settings SET pay_when = 'hammer_covered'"))
    work.expire_all()
    assert codes(work, consigned) == [[], ["unpaid"]]
    with pytest.raises(PayDayPast):
        propose_run(
            work, consigned.entity, "GBP", "bacs", pay_on=date(2020, 1, 1), actor=None
        )  # fmt: skip
    record_payment(work, invoice.id, 110_000, "cash", received_on=today, actor=None)
    assert codes(work, consigned) == [[], []]


def test_the_days_after_the_sale_are_waited_for(work: HouseSession) -> None:
    consigned = make_consigned(work, reserve_days=21)
    set_payees(work, consigned.vendor, [share("A. Vendor")])
    stated(work, consigned)
    pay_all(work, consigned.sale)
    assert codes(work, consigned) == [["reserve"], ["reserve"]]
    with pytest.raises(NothingPayable):
        propose(work, consigned)


def test_staff_keep_a_lot_back_and_let_it_go(work: HouseSession, consigned: Consigned) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    hold_lot(work, consigned.lots[0], "A claim of ownership", actor=None)
    assert codes(work, consigned) == [["held"], []]
    lift_hold(work, consigned.lots[0], actor=None)
    assert codes(work, consigned) == [[], []]


def test_a_payout_from_proposal_to_arrival(work: HouseSession, consigned: Consigned) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    run = propose(work, consigned)
    assert (run.total, [line.amount for line in run_lines(work, run.id)]) == (176_000, [176_000])
    with pytest.raises(NothingPayable):
        propose(work, consigned)
    with pytest.raises(RunStateRefuses):
        make_file(work, run.id, actor=None)
    approve_run(work, run.id, proposed_by=1, approved_by=2)
    make_file(work, run.id, actor=None)
    name, content = file_of(work, run.id, actor=None)
    assert name == f"payout-{run.id}.txt"
    assert b"00000176000" in content
    assert run.file is not None
    assert b"55555555" not in run.file
    mark_sent(work, run.id, actor=None)
    confirm_run(work, run.id, {}, actor=None)
    assert file_of(work, run.id, actor=None) == (name, content)
    with pytest.raises(RunStateRefuses):
        cancel_run(work, run.id, "late", actor=None)
    found = balances(work, consigned)
    assert found.get("client.bank", 0) == found.get("client.vendors", 0) == 0
    assert "office.vendors" not in found
    assert found["office.bank"] == 260_000 - 176_000


def test_a_run_needs_a_second_person(work: HouseSession, consigned: Consigned) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    run = propose(work, consigned)
    with pytest.raises(IntegrityError, match="two_people"):
        approve_run(work, run.id, proposed_by=7, approved_by=7)


def test_a_dispute_freezes_a_proposed_run_until_it_is_won(
    work: HouseSession, consigned: Consigned
) -> None:
    stated(work, consigned)
    invoice = pay_all(work, consigned.sale)[0]
    run = propose(work, consigned)
    payment = work.scalar(
        text(
            "INSERT INTO payment (kind, reference_id, entity, client_id, amount, currency,"
            " description, disputed) VALUES ('invoice', :i, 1, :c, 1, 'GBP', 'x', true)"
            " RETURNING id"
        ),
        {"i": invoice.id, "c": invoice.client_id},
    )
    with pytest.raises(HeldMeanwhile) as refused:
        approve_run(work, run.id, proposed_by=None, approved_by=None)
    assert refused.value.fields["names"] == ["Consignor"]
    work.execute(text("UPDATE payment SET disputed = false WHERE id = :p"), {"p": payment})
    work.expire_all()
    assert work.get_one(PayoutRun, run.id).state == "proposed"


def test_what_came_back_is_owed_again_and_made_once_more(
    work: HouseSession, consigned: Consigned
) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    run = propose(work, consigned)
    send(work, run)
    line = run_lines(work, run.id)[0]
    confirm_run(work, run.id, {line.id: "Account closed"}, actor=None)
    found = balances(work, consigned)
    assert (found["client.bank"], found["client.vendors"]) == (176_000, -176_000)
    with pytest.raises(NothingPayable):
        propose(work, consigned)
    again = retry_payment(work, line.id, line.payee_id, pay_on=day(work), actor=None)
    send(work, again)
    confirm_run(work, again.id, {}, actor=None)
    assert "client.bank" not in balances(work, consigned)
    second = run_lines(work, again.id)[0]
    fail_payment(work, second.id, "Recalled", actor=None)
    assert balances(work, consigned)["client.bank"] == 176_000


def test_a_cancelled_run_and_a_dropped_consignor_are_payable_again(
    work: HouseSession, consigned: Consigned
) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    run = propose(work, consigned)
    cancel_run(work, run.id, "Wrong day", actor=None)
    second = propose(work, consigned)
    assert drop_client(work, second.id, consigned.vendor, actor=None).state == "cancelled"
    assert propose(work, consigned).total == 176_000


def test_a_part_is_used_once_whatever_the_code_does(
    work: HouseSession, consigned: Consigned
) -> None:
    """Seen to fail without the index statement_use_once."""
    statement = stated(work, consigned)
    pay_all(work, consigned.sale)
    run = propose(work, consigned)
    with pytest.raises(IntegrityError, match="statement_use_once"):
        work.execute(
            text("INSERT INTO statement_use (statement_id, part, run_id) VALUES (:s, 1, :r)"),
            {"s": statement.id, "r": run.id},
        )


def test_a_sale_undone_before_the_payout_is_taken_out_by_a_counter_statement(
    work: HouseSession, consigned: Consigned
) -> None:
    statement = stated(work, consigned)
    invoice = pay_all(work, consigned.sale)[0]
    credit_invoice(work, invoice.id, "Sale cancelled", actor=None)
    assert codes(work, consigned) == [["not_invoiced"], ["not_invoiced"]]
    lot = consigned.lots[0]
    note = counter_statement(work, statement.id, {lot}, "Sale cancelled", actor=None)
    assert note.total == -88_000
    assert [line.amount for line in lines_of(work, note.id)] == [-100_000, 10_000, 2_000]
    groups = open_groups(work, consigned.entity, "GBP")
    assert [(group.amount, group.ready) for group in groups] == [(0, True), (88_000, False)]
    with pytest.raises(NothingToCorrect):
        counter_statement(work, statement.id, {lot}, "again", actor=None)
    assert balances(work, consigned)["office.vendors"] == 12_000


def test_a_sale_undone_after_the_payout_is_covered_by_the_house_and_taken_from_the_next(
    work: HouseSession, consigned: Consigned
) -> None:
    """The bank of clients never lends one client's money to another."""
    statement = stated(work, consigned)
    invoice = pay_all(work, consigned.sale)[0]
    send(work, propose(work, consigned))
    credit_invoice(work, invoice.id, "Sale cancelled", actor=None)
    found = balances(work, consigned)
    assert (found["client.bank"], found["client.buyers"]) == (260_000, -260_000)
    assert found["office.covered"] == 200_000
    counter_statement(work, statement.id, set(consigned.lots), "Cancelled", actor=None)
    standing = standings(work, consigned.entity, "GBP", "bacs")[0]
    assert (standing.payable, standing.dues) == (-176_000, [])
    take_back(work, consigned.vendor, consigned.entity, 176_000, "Paid back", actor=None)
    assert standings(work, consigned.entity, "GBP", "bacs")[0].payable == 0
    found = balances(work, consigned)
    assert found["office.covered"] + found["office.vendors"] == 0


def test_a_wrong_buyer_put_right_after_the_payout_leaves_the_vendor_alone(
    work: HouseSession, consigned: Consigned
) -> None:
    stated(work, consigned)
    invoice = pay_all(work, consigned.sale)[0]
    send(work, propose(work, consigned))
    before = balances(work, consigned)
    credit_invoice(work, invoice.id, "Wrong name", actor=None)
    made = make_proformas(work, consigned.sale, actor=None)[0]
    again = release_invoice(work, made.id, actor=None)
    record_payment(
        work, again.id, again.total, "credit", received_on=date(2026, 11, 24), actor=None
    )
    assert balances(work, consigned) == before
    assert open_groups(work, consigned.entity, "GBP") == []


def test_a_corrected_price_is_stated_anew_and_the_difference_paid(
    work: HouseSession, consigned: Consigned
) -> None:
    statement = stated(work, consigned)
    invoice = pay_all(work, consigned.sale)[0]
    send(work, propose(work, consigned))
    credit_invoice(work, invoice.id, "Price corrected", actor=None)
    lot = consigned.lots[0]
    work.execute(text("UPDATE lot_state SET price = 150000 WHERE lot_id = :l"), {"l": lot})
    pay_all(work, consigned.sale)
    counter_statement(work, statement.id, {lot}, "Price corrected", actor=None)
    stated(work, consigned)
    standing = standings(work, consigned.entity, "GBP", "bacs")[0]
    assert standing.payable == (150_000 - 18_000) - 88_000
    send(work, propose(work, consigned))
    found = balances(work, consigned)
    assert "client.vendors" not in found
    assert "office.vendors" not in found
    assert "office.covered" not in found


def test_a_clients_sales_pay_the_clients_purchases(
    work: HouseSession, consigned: Consigned
) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    other = make_consigned(work)
    work.execute(
        text("UPDATE lot_state SET leader_client_id = :c WHERE sale_id = :s"),
        {"c": consigned.vendor, "s": other.sale},
    )
    work.execute(
        text("UPDATE sale SET legal_entity_id = :e WHERE id = :s"),
        {"e": consigned.entity, "s": other.sale},
    )
    work.expire_all()
    own = release_invoice(work, make_proformas(work, other.sale, actor=None)[0].id, actor=None)
    with pytest.raises(ContraTooLarge):
        set_off(work, consigned.vendor, own.id, 176_001, actor=None)
    with pytest.raises(ContraOfAnother):
        set_off(work, other.vendor, own.id, 1, actor=None)
    note = set_off(work, consigned.vendor, own.id, 100_000, token="once", actor=None)
    assert set_off(work, consigned.vendor, own.id, 100_000, token="once", actor=None) == note
    assert note.total == 76_000
    assert [part.amount for part in parts_of(work, note.id)] == [76_000]
    assert postings.due(work, own.id) == own.total - 100_000
    run = propose(work, consigned)
    assert run.total == 76_000
    send(work, run)
    assert not [one for one in postings.client_money(work) if one.difference]


def test_a_bank_would_refuse_a_file_and_so_do_we(work: HouseSession, consigned: Consigned) -> None:
    stated(work, consigned)
    pay_all(work, consigned.sale)
    work.execute(text("UPDATE payer_account SET bacs_user = ''"))
    run = propose(work, consigned)
    approve_run(work, run.id, proposed_by=None, approved_by=None)
    with pytest.raises(FileInvalid):
        make_file(work, run.id, actor=None)


def test_a_withdrawn_lot_costs_its_vendor_the_fee_that_was_agreed(work: HouseSession) -> None:
    """Nothing but that fee: neither commission nor what sold or unsold lots are charged."""
    terms = {
        "commission": [["0", "10"]],
        "fees": [
            {"name": "Withdrawal", "amount": "50", "when": "withdrawn"},
            {"name": "Photography", "amount": "7", "when": "always"},
        ],
    }
    consigned = make_consigned(work, terms=terms)
    set_payees(work, consigned.vendor, [share("A. Vendor")])
    work.execute(
        text("UPDATE lot SET withdrawn_at = now() WHERE id = :l"), {"l": consigned.lots[1]}
    )
    statement = stated(work, consigned)
    gone = parts_of(work, statement.id)[1]
    lines = [line for line in lines_of(work, statement.id) if line.part == gone.part]
    assert (gone.outcome, gone.hammer) == ("withdrawn", 0)
    assert [(line.rule, line.amount) for line in lines] == [
        ("Withdrawal", -5_000), ("vat_commission", -1_000),
    ]  # fmt: skip


def test_a_withdrawn_lot_without_such_a_fee_stands_on_no_statement(
    work: HouseSession, consigned: Consigned
) -> None:
    work.execute(
        text("UPDATE lot SET withdrawn_at = now() WHERE id = :l"), {"l": consigned.lots[1]}
    )
    assert len(parts_of(work, stated(work, consigned).id)) == 1


def test_a_royalty_the_seller_bears_is_taken_from_the_settlement(work: HouseSession) -> None:
    money = {
        "vat": {"standard": "20"}, "treatment": "premium_only",
        "resale_right": {"country": "GB", "borne_by": "seller"},
    }  # fmt: skip
    consigned = make_consigned(work, money=money)
    set_payees(work, consigned.vendor, [share("A. Vendor")])
    artist = work.scalar(
        text("INSERT INTO artist (name, nationality, died) VALUES ('Artist', 'GB', 1990)"
             " RETURNING id")
    )  # fmt: skip
    work.execute(
        text("UPDATE lot SET artist_id = :a WHERE id = :l"),
        {"a": artist, "l": consigned.lots[0]},
    )
    statement = stated(work, consigned)
    royalties = [
        line.amount for line in lines_of(work, statement.id) if line.kind == "resale_right"
    ]
    assert royalties == [-4_000]
