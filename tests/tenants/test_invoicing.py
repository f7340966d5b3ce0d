"""Invoices on a real database: numbers, immutability, credit notes and clients' money."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.by_card import ask_by_card
from auctionhouse.invoicing.entities import save_entity
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.operations import (
    change_buyer,
    change_proforma,
    credit_invoice,
    lines_of,
    make_proformas,
    release_invoice,
)
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import (
    AlreadyCredited,
    AlreadyReleased,
    BuyerInvalid,
    CreditTooSmall,
    NoEntity,
    NothingDue,
    NotReleased,
    PaymentTwice,
    SeriesTaken,
)
from auctionhouse.payments.joined import tell
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.house import House
from factories.invoices import SoldSale, make_entity, make_sold_sale

TODAY = date(2026, 11, 24)
BUYER = {"name": "A. Buyer", "address": "2 Low Street"}


@pytest.fixture
def sold(work: HouseSession) -> SoldSale:
    return make_sold_sale(work)


@pytest.fixture
def proforma(work: HouseSession, sold: SoldSale) -> Invoice:
    return make_proformas(work, sold.sale.sale_id, actor=None)[0]


@pytest.fixture
def invoice(work: HouseSession, proforma: Invoice) -> Invoice:
    return release_invoice(work, proforma.id, actor=None)


def pay(work: HouseSession, invoice: Invoice, amount: int, method: str = "transfer") -> None:
    record_payment(work, invoice.id, amount, method, received_on=TODAY, actor=None)


def money_of(work: HouseSession, sold: SoldSale) -> postings.ClientMoney:
    return next(one for one in postings.client_money(work) if one.entity_id == sold.entity.id)


def test_a_pro_forma_for_each_buyer_with_lines_that_add_up(work: HouseSession) -> None:
    sold = make_sold_sale(work, lots=5, buyers=2)
    made = make_proformas(work, sold.sale.sale_id, actor=None)
    assert [invoice.client_id for invoice in made] == sold.buyers
    assert [invoice.total for invoice in made] == [390_000, 260_000]
    for invoice in made:
        assert sum(line.amount for line in lines_of(work, invoice.id)) == invoice.total
        assert invoice.number is None
    assert make_proformas(work, sold.sale.sale_id, actor=None) == []


def test_lots_sold_later_join_the_pro_forma_or_make_a_new_one(
    work: HouseSession, sold: SoldSale
) -> None:
    later = sold.sale.lots[1]
    state = text("UPDATE lot_state SET outcome = :outcome WHERE lot_id = :lot")
    work.execute(state, {"outcome": None, "lot": later})
    first = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    assert first.total == 130_000
    work.execute(state, {"outcome": "sold", "lot": later})
    assert make_proformas(work, sold.sale.sale_id, actor=None) == [first]
    assert first.total == 260_000
    release_invoice(work, first.id, actor=None)
    work.execute(text("UPDATE invoice_lot SET live = false WHERE lot_id = :lot"), {"lot": later})
    second = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    assert second.id != first.id
    assert second.total == 130_000


def test_a_sale_without_an_entity_is_refused_with_what_to_do(work: HouseSession) -> None:
    sold = make_sold_sale(work)
    sale = work.get_one(Sale, sold.sale.sale_id)
    sale.legal_entity_id, sale.currency = None, "KWD"
    work.flush()
    with pytest.raises(NoEntity) as refused:
        make_proformas(work, sale.id, actor=None)
    assert "KWD" in refused.value.message()


def test_what_a_pro_forma_says_can_change_until_it_is_released(
    work: HouseSession, proforma: Invoice, sold: SoldSale
) -> None:
    work.get_one(Sale, proforma.sale_id).money = {
        "vat": {"standard": "20"},
        "treatment": "outside",
        "sales_tax": {"percent": "6", "places": {"NY": "8.875"}},
    }
    lot = sold.sale.lots[0]
    changed = change_proforma(
        work, proforma.id, {**BUYER, "vat_number": "de 123.456.789"}, place="NY",
        vat={lot: "premium_only"}, actor=None,
    )  # fmt: skip
    assert changed.buyer["vat_number"] == "DE123456789"
    kinds = {line.kind: 0 for line in lines_of(work, proforma.id)}
    for line in lines_of(work, proforma.id):
        kinds[line.kind] += line.amount
    assert kinds == {
        "hammer": 200_000, "premium": 50_000, "vat": 5_000, "sales_tax": 2 * 11_094,
    }  # fmt: skip
    certified = {**BUYER, "resale_certificate": "NY 12"}
    change_proforma(work, proforma.id, certified, place="NY", vat={}, actor=None)
    assert "sales_tax" not in {line.kind for line in lines_of(work, proforma.id)}
    with pytest.raises(BuyerInvalid):
        change_proforma(
            work, proforma.id, {**BUYER, "vat_number": "123"}, place=None, vat={}, actor=None
        )
    release_invoice(work, proforma.id, actor=None)
    with pytest.raises(AlreadyReleased):
        change_proforma(work, proforma.id, BUYER, place=None, vat={}, actor=None)


def test_another_buyer_takes_over_a_pro_forma_in_one_act(work: HouseSession) -> None:
    sold = make_sold_sale(work, lots=3, buyers=2)
    first, second = make_proformas(work, sold.sale.sale_id, actor=None)
    moved = change_buyer(work, first.id, sold.buyers[1], actor=None)
    assert moved.id == second.id
    assert moved.total == 390_000
    assert work.get(Invoice, first.id) is None


def test_a_released_invoice_has_the_next_number_and_its_entitys_particulars(
    invoice: Invoice, sold: SoldSale
) -> None:
    assert invoice.number == f"{sold.entity.series}00001"
    assert invoice.seller["vat_number"] == "GB123456789"
    assert invoice.due_on is not None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET total = 1 WHERE id = :i",
        "UPDATE invoice SET number = NULL, sequence = NULL, released_at = NULL WHERE id = :i",
        "DELETE FROM invoice WHERE id = :i",
        "UPDATE invoice_line SET amount = 1 WHERE invoice_id = :i",
        "DELETE FROM invoice_line WHERE invoice_id = :i",
        (
            "INSERT INTO invoice_line (invoice_id, position, kind, rule, amount)"
            " VALUES (:i, 99, 'fee', 'x', 1)"
        ),
    ],
)
def test_the_database_keeps_a_released_invoice_as_it_is(
    work: HouseSession, invoice: Invoice, statement: str
) -> None:
    with pytest.raises(IntegrityError, match="stay"):
        work.execute(text(statement), {"i": invoice.id})


@pytest.mark.parametrize("table", ["invoice_payment", "posting", "posting_entry"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET id = 1"])
def test_payments_and_postings_are_only_added_to(
    work: HouseSession, invoice: Invoice, table: str, act: str
) -> None:
    statement = act.format(table).replace("posting_entry SET id", "posting_entry SET position")
    with pytest.raises(ProgrammingError, match="permission denied"):
        work.execute(text(statement))


@pytest.mark.parametrize(
    "entries",
    [
        "(:p, 50, 'office.due', 1)",
        "(:p, 50, 'office.due', 5), (:p, 51, 'client.bank', -5)",
    ],
)
def test_the_database_refuses_a_posting_whose_side_does_not_balance(
    work: HouseSession, invoice: Invoice, entries: str
) -> None:
    posting = work.scalar(text("SELECT id FROM posting WHERE invoice_id = :i"), {"i": invoice.id})
    work.execute(
        text(f"INSERT INTO posting_entry (posting_id, position, account, amount) VALUES {entries}"),
        {"p": posting},
    )
    with pytest.raises(IntegrityError, match="balance"):
        work.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_money_reaches_vendors_first_and_the_bank_of_clients_is_what_is_owed(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    pay(work, invoice, 150_000)
    assert postings.due(work, invoice.id) == 110_000
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers, found.difference) == (150_000, 150_000, 0, 0)
    pay(work, invoice, 120_000, "cash")
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers) == (210_000, 200_000, 10_000)
    assert postings.due(work, invoice.id) == 0
    assert postings.unbalanced(work) == []


def test_a_payment_entered_twice_is_one_payment(work: HouseSession, invoice: Invoice) -> None:
    def enter(amount: int) -> int:
        return record_payment(
            work, invoice.id, amount, "cash", received_on=TODAY, token=f"t{invoice.id}", actor=None
        ).id

    assert enter(100) == enter(100)
    assert postings.due(work, invoice.id) == invoice.total - 100
    with pytest.raises(PaymentTwice):
        enter(200)


def test_a_pro_forma_takes_no_payment(work: HouseSession, proforma: Invoice) -> None:
    with pytest.raises(NotReleased):
        pay(work, proforma, 100)
    with pytest.raises(NotReleased):
        credit_invoice(work, proforma.id, "wrong", actor=None)


def test_a_credit_note_undoes_exactly_its_invoice_and_frees_its_lots(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    pay(work, invoice, 230_000)
    note = credit_invoice(work, invoice.id, "Wrong buyer", actor=None)
    assert note.number == f"{sold.entity.credit_series}00001"
    assert note.total == -invoice.total
    both = zip(lines_of(work, invoice.id), lines_of(work, note.id), strict=True)
    assert all(line.amount + undone.amount == 0 for line, undone in both)
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers) == (230_000, 0, 230_000)
    with pytest.raises(AlreadyCredited):
        credit_invoice(work, invoice.id, "again", actor=None)
    with pytest.raises(AlreadyCredited):
        credit_invoice(work, note.id, "a note", actor=None)
    again = release_invoice(
        work, make_proformas(work, sold.sale.sale_id, actor=None)[0].id, actor=None
    )
    with pytest.raises(CreditTooSmall):
        pay(work, again, 230_001, "credit")
    pay(work, again, 230_000, "credit")
    pay(work, again, 30_000)
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers) == (200_000, 200_000, 0)
    assert postings.due(work, again.id) == 0


def test_each_entity_has_its_own_series(work: HouseSession) -> None:
    entity = make_entity(work)
    values = {name: getattr(entity, name) for name in LegalEntity.__table__.columns.keys()}  # noqa: SIM118
    with pytest.raises(SeriesTaken):
        save_entity(work, None, values, actor=None)
    with pytest.raises(SeriesTaken):
        save_entity(work, None, {**values, "series": "NEW-", "credit_series": "NEW-"}, actor=None)
    assert save_entity(work, entity.id, {**values, "name": "Renamed"}, actor=None).name == "Renamed"


def test_numbers_are_gapless_under_threads(
    database: Database, oak: House, work: HouseSession
) -> None:
    """Twelve pro-formas are released at once, and every third transaction fails after all."""
    sold = make_sold_sale(work, lots=12, buyers=12)
    made = [invoice.id for invoice in make_proformas(work, sold.sale.sale_id, actor=None)]
    entity = sold.entity.id
    work.commit()

    def release(place: int) -> None:
        with database.house_session(oak) as session:
            release_invoice(session, made[place], actor=None)
            if place % 3 == 2:
                session.rollback()
            else:
                session.commit()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(release, range(12)))
    sequences = work.scalars(
        text("SELECT sequence FROM invoice WHERE entity_id = :e AND number IS NOT NULL ORDER BY 1"),
        {"e": entity},
    ).all()
    assert list(sequences) == list(range(1, 9))


def test_one_invoice_released_by_many_has_one_number(
    database: Database, oak: House, work: HouseSession
) -> None:
    sold = make_sold_sale(work)
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0].id
    work.commit()

    def release(_place: int) -> bool:
        with database.house_session(oak) as session:
            try:
                release_invoice(session, made, actor=None)
            except AlreadyReleased:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(release, range(6))) == 1


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["release", "pay", "spend", "credit", "draft"]),
        st.integers(0, 2),
        st.integers(1, 400_000),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ACTS)
def test_the_ledger_balances_after_any_acts(
    work: HouseSession, acts: list[tuple[str, int, int]]
) -> None:
    with work.begin_nested() as savepoint:
        sold = make_sold_sale(work, lots=4, buyers=2)
        made = [invoice.id for invoice in make_proformas(work, sold.sale.sale_id, actor=None)]
        for act, place, amount in acts:
            _try(work, sold, made, act, made[place % len(made)], amount)
            work.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            work.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        assert postings.unbalanced(work) == []
        assert not [found for found in postings.client_money(work) if found.difference]
        for invoice_id in made:
            _sound(work, work.get_one(Invoice, invoice_id))
        savepoint.rollback()


def _try(
    work: HouseSession, sold: SoldSale, made: list[int], act: str, chosen: int, amount: int
) -> None:
    acts: dict[str, Callable[[], object]] = {
        "release": lambda: release_invoice(work, chosen, actor=None),
        "pay": lambda: pay(work, work.get_one(Invoice, chosen), amount),
        "spend": lambda: pay(work, work.get_one(Invoice, chosen), amount, "credit"),
        "credit": lambda: credit_invoice(work, chosen, "wrong", actor=None),
        "draft": lambda: made.extend(
            invoice.id for invoice in make_proformas(work, sold.sale.sale_id, actor=None)
        ),
    }
    try:
        acts[act]()
    except (AlreadyReleased, NotReleased, AlreadyCredited, CreditTooSmall):
        return


def _sound(work: HouseSession, invoice: Invoice) -> None:
    """What is due is the total less the payments, never negative; after a credit note nothing."""
    if invoice.number is None:
        return
    paid = work.scalar(
        text("SELECT coalesce(sum(amount), 0) FROM invoice_payment WHERE invoice_id = :i"),
        {"i": invoice.id},
    )
    credited = work.scalar(
        text("SELECT count(*) FROM invoice WHERE credits_id = :i"), {"i": invoice.id}
    )
    if not credited:
        assert postings.due(work, invoice.id) == max(invoice.total - paid, 0)
    lines = work.scalars(
        text("SELECT sum(amount) FROM invoice_line WHERE invoice_id = :i"), {"i": invoice.id}
    ).one()
    assert lines == invoice.total


def test_a_card_payment_and_its_refund_are_posted_once_however_often_told(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    asked = ask_by_card(work, invoice.id, actor=None)
    assert asked.amount == 260_000
    assert ask_by_card(work, invoice.id, actor=None).id == asked.id
    asked.paid_amount = 260_000
    for _again in range(3):
        tell(work, asked, "paid")
    assert postings.due(work, invoice.id) == 0
    with pytest.raises(NothingDue):
        ask_by_card(work, invoice.id, actor=None)
    asked.refunded_amount = 50_000
    for _again in range(3):
        tell(work, asked, "refunded")
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.difference) == (200_000, 200_000, 0)
    assert postings.due(work, invoice.id) == 50_000
    assert postings.unbalanced(work) == []
