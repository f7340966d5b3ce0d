"""Credit notes for a part: what is taken off an invoice that stands, and where the money goes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.accounts import write_off
from auctionhouse.invoicing.allowance_rules import Piece, carried, is_charge, standing, taken_off
from auctionhouse.invoicing.allowances import allow, left_of, refund_export, sale_day
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import (
    credit_invoice,
    lines_of,
    make_proformas,
    release_invoice,
)
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.refusals import (
    AllowanceTooLarge,
    AlreadyCredited,
    NothingDue,
    NotReleased,
    ProofTooLate,
)
from auctionxchange.kernel.database import HouseSession
from factories.desks import Desk, approve_latest
from factories.invoices import SoldSale, make_sold_sale

TODAY = date(2026, 11, 24)
TOTAL = 260_000
"""Two lots at 1,000.00, premium 25 per cent, VAT 20 per cent on it."""


@pytest.fixture
def sold(work: HouseSession) -> SoldSale:
    return make_sold_sale(work)


@pytest.fixture
def invoice(work: HouseSession, sold: SoldSale) -> Invoice:
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    return release_invoice(work, made.id, actor=None)


def place_of(work: HouseSession, invoice: Invoice, kind: str, nth: int = 0) -> int:
    left = left_of(work, invoice)
    return [place for place in left.places if left.pieces[place].kind == kind][nth]


def off(work: HouseSession, invoice: Invoice, kind: str, amount: int, nth: int = 0) -> Invoice:
    place = place_of(work, invoice, kind, nth)
    return allow(work, invoice.id, place, amount, reason="Damaged", actor=None)


def pay(work: HouseSession, invoice: Invoice, amount: int) -> None:
    record_payment(work, invoice.id, amount, "transfer", received_on=TODAY, actor=None)


def money_of(work: HouseSession, sold: SoldSale) -> postings.ClientMoney:
    return next(one for one in postings.client_money(work) if one.entity_id == sold.entity.id)


def account(work: HouseSession, invoice: Invoice, name: str) -> int:
    return sum(one.amount for one in postings.booked(work, invoice.id) if one.account == name)


def test_a_part_of_the_premium_takes_its_vat_along(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    note = off(work, invoice, "premium", 10_000)
    assert note.number == f"{sold.entity.credit_series}00001"
    assert [(line.kind, line.amount, line.base) for line in lines_of(work, note.id)] == [
        ("premium", -10_000, None),
        ("vat", -2_000, 10_000),
    ]
    assert (note.total, postings.due(work, invoice.id)) == (-12_000, TOTAL - 12_000)
    assert invoice.total == TOTAL
    pay(work, invoice, TOTAL - 12_000)
    assert postings.due(work, invoice.id) == 0
    assert money_of(work, sold).vendors == 200_000


def test_what_was_paid_already_becomes_the_buyers_credit(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    pay(work, invoice, TOTAL)
    off(work, invoice, "premium", 10_000)
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers) == (212_000, 200_000, 12_000)
    assert postings.due(work, invoice.id) == 0


def test_the_house_bears_what_is_taken_off_a_hammer_price(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    """The vendor keeps the price, and is covered as soon as the buyer owes nothing more."""
    pay(work, invoice, TOTAL - 100_000)
    note = off(work, invoice, "hammer", 100_000)
    assert note.total == -100_000
    assert account(work, invoice, "office.allowances") == 100_000
    found = money_of(work, sold)
    assert (found.vendors, found.difference, postings.due(work, invoice.id)) == (200_000, 0, 0)


def test_what_was_written_off_and_never_paid_becomes_nobodys_credit(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    """What comes off afterwards shrinks the loss; only what is beyond it was paid before."""
    pay(work, invoice, 5_000)
    write_off(work, invoice.id, reason="Died", actor=None)
    off(work, invoice, "hammer", 100_000)
    found = money_of(work, sold)
    assert (found.vendors, found.buyers, found.difference) == (200_000, 0, 0)
    assert account(work, invoice, "office.written_off") == TOTAL - 105_000
    day = sale_day(work, invoice)
    lots = left_of(work, invoice).lots_with_vat
    refund_export(work, invoice.id, lots, proof_on=day, reason="C88", actor=None)
    assert (money_of(work, sold).buyers, postings.due(work, invoice.id)) == (0, 0)
    off(work, invoice, "premium", 25_000)
    off(work, invoice, "premium", 25_000)
    off(work, invoice, "hammer", 100_000)
    found = money_of(work, sold)
    assert (found.vendors, found.buyers, found.difference) == (200_000, 5_000, 0)
    assert account(work, invoice, "office.written_off") == 0


def test_no_more_comes_off_than_is_left(work: HouseSession, invoice: Invoice) -> None:
    place = place_of(work, invoice, "premium")
    off(work, invoice, "premium", 20_000)
    for amount in (5_001, 0, -1):
        with pytest.raises(AllowanceTooLarge):
            allow(work, invoice.id, place, amount, reason="x", actor=None)
    with pytest.raises(AllowanceTooLarge):
        allow(work, invoice.id, 99, 1, reason="x", actor=None)
    off(work, invoice, "premium", 5_000)
    left = left_of(work, invoice)
    lot = left.pieces[place].lot
    assert [one.amount for one in left.pieces if one.lot == lot] == [100_000, 0, 0]


def test_a_later_credit_note_undoes_what_is_left(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    pay(work, invoice, TOTAL)
    first = off(work, invoice, "premium", 333)
    note = credit_invoice(work, invoice.id, "Wrong buyer", actor=None)
    assert invoice.total + first.total + note.total == 0
    assert sum(line.amount for line in lines_of(work, note.id)) == note.total
    found = money_of(work, sold)
    assert (found.bank, found.vendors, found.buyers) == (TOTAL, 0, TOTAL)
    with pytest.raises(AlreadyCredited):
        off(work, invoice, "premium", 1)
    with pytest.raises(AlreadyCredited):
        allow(work, first.id, 0, 1, reason="x", actor=None)


def test_a_pro_forma_is_changed_and_not_credited(work: HouseSession, sold: SoldSale) -> None:
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    with pytest.raises(NotReleased):
        off(work, made, "premium", 1)


def test_export_proved_in_time_takes_the_vat_off_those_lots(
    work: HouseSession, invoice: Invoice
) -> None:
    lots = left_of(work, invoice).lots_with_vat
    day = sale_day(work, invoice)
    for late in (day - timedelta(days=1), day + timedelta(days=100)):
        with pytest.raises(ProofTooLate):
            refund_export(work, invoice.id, lots[:1], proof_on=late, reason="C88", actor=None)
    note = refund_export(work, invoice.id, lots[:1], proof_on=day, reason="C88 1", actor=None)
    assert [(line.kind, line.amount) for line in lines_of(work, note.id)] == [("vat", -5_000)]
    assert left_of(work, invoice).lots_with_vat == lots[1:]
    assert postings.due(work, invoice.id) == TOTAL - 5_000
    with pytest.raises(AllowanceTooLarge):
        refund_export(work, invoice.id, lots[:1], proof_on=day, reason="C88 1", actor=None)
    assert off(work, invoice, "premium", 25_000).total == -25_000


def test_taxes_follow_the_charges_they_are_on(work: HouseSession) -> None:
    """A discount, an untaxed fee, and a sales tax on hammer and premium alone."""
    sold = make_sold_sale(work, lots=1)
    sale = work.get_one(Sale, sold.sale.sale_id)
    sale.money = {
        "vat": {"standard": "20", "premium": "10"}, "treatment": "standard",
        "discount_percent": "10",
        "fees": [{"name": "Packing", "amount": "50"},
                 {"name": "Postage", "amount": "30", "taxed": False}],
        "sales_tax": {"percent": "8", "on": ["hammer", "premium"]},
    }  # fmt: skip
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    found = release_invoice(work, made.id, actor=None)

    def taken(kind: str, amount: int, nth: int = 0) -> list[tuple[str, str, int]]:
        note = off(work, found, kind, amount, nth)
        return [(line.kind, line.rule, line.amount) for line in lines_of(work, note.id)]

    assert taken("hammer", 1_000) == [
        ("hammer", "hammer", -1_000), ("discount", "discount", 100),
        ("vat", "vat_standard", -180), ("sales_tax", "sales_tax", -72),
    ]  # fmt: skip
    assert taken("premium", 1_000) == [
        ("premium", "premium_band", -1_000), ("discount", "discount", 100),
        ("vat", "vat_premium", -90), ("sales_tax", "sales_tax", -72),
    ]  # fmt: skip
    assert taken("fee", 1_000) == [
        ("fee", "Packing", -1_000), ("discount", "discount", 100), ("vat", "vat_premium", -90),
    ]  # fmt: skip
    assert taken("fee", 3_000, 1) == [("fee", "Postage", -3_000), ("discount", "discount", 300)]


CHARGES = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from(["hammer", "premium", "fee"]), st.integers(1, 10**6)
    ),
    min_size=1, max_size=8, unique_by=lambda one: one[:2],
)  # fmt: skip


@given(CHARGES, st.sampled_from(["5", "17.5", "20", "7.25"]), st.data())
def test_steps_that_take_everything_off_leave_no_penny_and_carry_over_exactly(
    charges: list[tuple[int, str, int]], rate: str, data: st.DataObject
) -> None:
    percent = Decimal(rate)
    lots = dict.fromkeys(lot for lot, _kind, _amount in charges)
    charged = [Piece(lot, kind, kind, None, amount) for lot, kind, amount in charges]
    for lot in lots:
        base = sum(one.amount for one in charged if one.lot == lot and is_charge(one))
        tax = int((base * percent / 100).quantize(Decimal(1)))
        charged.append(Piece(lot, "vat", "vat_standard", percent, tax, base))
    left, notes = standing(charged), list[Piece]()
    for place in data.draw(st.permutations(range(len(charges)))):
        while left[place].amount:
            amount = data.draw(st.integers(1, left[place].amount))
            amount = amount if data.draw(st.booleans()) else left[place].amount
            pieces = taken_off(
                charged, left, place, amount, lambda tax, charge: tax.lot == charge.lot
            )
            assert all(one.amount <= 0 for one in pieces)
            notes += pieces
            left = standing([*charged, *notes])
            again = carried(charged, left, charged, lambda tax, charge: tax.lot == charge.lot)
            assert standing([*charged, *again]) == left
            taxes = zip(charged[len(charges) :], left[len(charges) :], strict=True)
            for was, now in taxes:
                rest = sum(one.amount for one in left if one.lot == was.lot and is_charge(one))
                exact = Decimal(was.amount) * rest / (was.base or 1)
                assert abs(now.amount - exact) <= Decimal("0.5")
    assert all(one.amount == 0 and not one.base for one in left)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pay", "hammer", "premium", "credit", "write_off"]),
            st.integers(1, 120_000),
        ),
        max_size=6,
    )
)
def test_the_ledger_balances_whatever_is_taken_off(
    work: HouseSession, acts: list[tuple[str, int]]
) -> None:
    with work.begin_nested() as nested:
        sold = make_sold_sale(work)
        made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
        invoice = release_invoice(work, made.id, actor=None)
        paid = 0
        for act, amount in acts:
            try:
                with work.begin_nested():
                    if act == "pay":
                        pay(work, invoice, amount)
                        paid += amount
                    elif act == "credit":
                        credit_invoice(work, invoice.id, "x", actor=None)
                    elif act == "write_off":
                        write_off(work, invoice.id, reason="x", actor=None)
                    else:
                        off(work, invoice, act, amount)
            except (AllowanceTooLarge, AlreadyCredited, IndexError, NothingDue):
                continue
            assert 0 <= money_of(work, sold).buyers <= paid
            assert account(work, invoice, "office.written_off") >= 0
        assert money_of(work, sold).difference == 0
        assert postings.unbalanced(work) == []
        assert postings.overdrawn(work) == []
        nested.rollback()


def test_staff_take_something_off_once_a_colleague_agrees(
    work: HouseSession, invoice: Invoice, desk_of: Callable[..., Desk]
) -> None:
    clerk, owner = desk_of("clerk"), desk_of("owner")
    work.commit()
    path = f"/manage/money/invoices/{invoice.id}"
    typed = {
        "act": "allowance", "allowance-place": str(place_of(work, invoice, "premium")),
        "allowance-amount": "100", "allowance-reason": "Frame damaged",
    }  # fmt: skip
    refused = clerk.post(path, {**typed, "allowance-amount": "300"})
    assert refused.status_code == 422
    assert "can be taken off here" in refused.text
    assert "Frame damaged" in refused.text
    card = clerk.post(path, {**typed, "allowance-reason": "4242 4242 4242 4242"})
    assert "looks like a card number" in card.text
    assert clerk.post(path, typed).status_code == 302
    work.rollback()
    assert postings.due(work, invoice.id) == TOTAL
    approve_latest(owner)
    work.rollback()
    assert postings.due(work, invoice.id) == TOTAL - 12_000
    note = work.query(Invoice).filter_by(allows_id=invoice.id).one()
    assert f"Credit note {note.number}" in clerk.get(path).text
    assert "Frame damaged" in clerk.get(f"/manage/money/invoices/{note.id}").text
    assert clerk.get(f"/manage/money/invoices/{note.id}.pdf").data.startswith(b"%PDF")


def test_staff_credit_the_vat_of_an_exported_lot(
    work: HouseSession, invoice: Invoice, desk_of: Callable[..., Desk]
) -> None:
    clerk, owner = desk_of("clerk"), desk_of("owner")
    lots = left_of(work, invoice).lots_with_vat
    day = sale_day(work, invoice)
    work.commit()
    path = f"/manage/money/invoices/{invoice.id}"
    typed = {
        "act": "export", "export-lots": [str(lot) for lot in lots], "export-reason": "MRN 26GB1",
        "export-proof_on": day.isoformat(),
    }  # fmt: skip
    none = clerk.post(path, {**typed, "export-lots": []})
    assert (none.status_code, "Tick at least one lot" in none.text) == (422, True)
    late = clerk.post(path, {**typed, "export-proof_on": "2031-01-01"})
    assert "until three months after it" in late.text
    assert clerk.post(path, typed).status_code == 302
    approve_latest(owner)
    work.rollback()
    assert postings.due(work, invoice.id) == TOTAL - 10_000
    assert "Refund VAT on export" not in clerk.get(path).text


def test_pieces_are_added_up_by_what_they_are() -> None:
    piece = Piece(1, "premium", "premium_band", Decimal(25), 100, 400)
    other = replace(piece, amount=-40, base=None)
    assert standing([piece, other]) == [replace(piece, amount=60)]
