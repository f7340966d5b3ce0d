"""Staff invoice a closed sale at the back office, and buyers read what is theirs."""

import re
import secrets
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.watch import sound
from auctionhouse.members.models import Client
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories.desks import Desk, approve_latest
from factories.invoices import SoldSale, make_sold_sale
from factories.visitors import Visitor, make_member, visit


@pytest.fixture
def sold(work: HouseSession) -> SoldSale:
    made = make_sold_sale(work)
    work.commit()
    return made


def only_invoice(work: HouseSession, sold: SoldSale) -> Invoice:
    work.expire_all()
    query = select(Invoice).where(Invoice.sale_id == sold.sale.sale_id, Invoice.kind == "invoice")
    return work.scalars(query).one()


def test_staff_invoice_a_sale_take_money_and_undo(
    work: HouseSession, sold: SoldSale, clerk: Desk, desk_of: Callable[..., Desk]
) -> None:
    owner = desk_of("owner")
    listed = f"/manage/money/invoices?sale={sold.sale.sale_id}"
    answer = clerk.post(f"/manage/sales/{sold.sale.sale_id}/invoices", {}, page=listed)
    assert answer.status_code == 302
    invoice = only_invoice(work, sold)
    address = f"/manage/money/invoices/{invoice.id}"
    page = clerk.get(address).text
    assert "£2,600" in page
    assert "no tax document" in page
    assert clerk.post(address, {"act": "buyer", "name": "B", "vat_number": "12"}).status_code == 422
    changed = {"act": "buyer", "name": "New Name", "vat_number": "FR12345678901"}
    assert clerk.post(address, changed).status_code == 302
    assert clerk.post(address, {"act": "release"}).status_code == 302
    released = only_invoice(work, sold)
    assert released.number is not None
    assert released.buyer["name"] == "New Name"
    paid = {"act": "pay", "amount": "1000", "method": "cash", "received_on": "2026-11-24"}
    assert clerk.post(address, paid).status_code == 302
    page = clerk.get(address).text
    assert "£1,600" in page
    assert released.number in page
    nothing = clerk.post(address, {**paid, "amount": "0"})
    assert nothing.status_code == 422
    credit = clerk.post(address, {"act": "credit", "reason": "Wrong address"})
    assert credit.status_code == 302
    assert "waits for approval" in clerk.get(address).text
    work.rollback()
    assert work.query(Invoice).filter_by(credits_id=released.id).count() == 0
    approve_latest(owner)
    work.rollback()
    made = work.query(Invoice).filter_by(credits_id=released.id).one()
    note = clerk.get(f"/manage/money/invoices/{made.id}").text
    assert "Wrong address" in note
    assert released.number in note
    assert "£1,000" in clerk.get(listed).text


def test_the_owner_adds_a_legal_entity(
    work: HouseSession, desk_of: Callable[..., Desk], clerk: Desk
) -> None:
    owner = desk_of("owner")
    series = secrets.token_hex(3).upper()
    typed = {
        "name": "Oak Ltd", "address": "1 High Street", "country": "GB", "series": f"{series}-",
        "credit_series": f"{series}C-", "currency": "GBP", "payment_days": "14",
    }  # fmt: skip
    assert owner.post("/manage/money/entities/new", typed).status_code == 302
    entity = work.scalars(select(LegalEntity).where(LegalEntity.series == f"{series}-")).one()
    assert entity.payment_days == 14
    assert owner.post("/manage/money/entities/new", typed).status_code == 422
    wrong = {**typed, "currency": "ABC", "country": "Britain"}
    assert owner.post("/manage/money/entities/new", wrong).status_code == 422
    assert f"{series}-00001" in clerk.get("/manage/money/entities").text
    assert clerk.get("/manage/money/entities/new").status_code == 403


def signed_in(
    web: Application, settings: Settings, database: Database, house: House
) -> tuple[Visitor, int]:
    visitor = visit(web, settings, house)
    person = make_member(database, house, roles=())
    visitor.sign_in(person)
    return visitor, person.id


def test_buyers_read_their_own_invoices_alone(
    web: Application, settings: Settings, database: Database, oak: House, work: HouseSession,
    sold: SoldSale,
) -> None:  # fmt: skip
    visitor, member = signed_in(web, settings, database, oak)
    stranger, _other = signed_in(web, settings, database, oak)
    invoice = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    client = work.scalars(select(Client).where(Client.member_id == member)).one()
    work.execute(
        text("UPDATE invoice SET client_id = :c WHERE id = :i"), {"c": client.id, "i": invoice.id}
    )
    work.expire_all()
    number = release_invoice(work, invoice.id, actor=None).number
    work.commit()
    assert str(number) in visitor.get("/account/invoices/").text
    page = visitor.get(f"/account/invoices/{invoice.id}")
    assert page.status_code == 200
    assert "£2,600" in re.sub(r"\s+", " ", page.text)
    assert stranger.get(f"/account/invoices/{invoice.id}").status_code == 404
    assert str(number) not in stranger.get("/account/invoices/").text


def test_a_margin_lot_says_so_and_shows_no_tax(work: HouseSession, clerk: Desk) -> None:
    sold = make_sold_sale(work)
    work.execute(text("UPDATE lot SET vat = 'margin' WHERE sale_id = :s"), {"s": sold.sale.sale_id})
    invoice = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    work.commit()
    page = clerk.get(f"/manage/money/invoices/{invoice.id}").text
    assert "Margin scheme" in page
    assert "VAT 20%" not in page


def test_the_daily_check_passes_a_sound_ledger_and_names_another(
    work: HouseSession, sold: SoldSale, oak: House, database: Database, addresses: Addresses
) -> None:
    """Only the tables' owner can take the guard away that keeps a ledger balanced."""
    invoice = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    release_invoice(work, invoice.id, actor=None)
    work.commit()
    assert sound(database, oak)
    posting = work.scalar(
        text("SELECT max(id) FROM posting WHERE invoice_id = :i"), {"i": invoice.id}
    )
    work.commit()
    tampered = (
        f"SET LOCAL search_path = {oak.schema};"
        " ALTER TABLE posting_entry DISABLE TRIGGER posting_balanced; {0};"
        " ALTER TABLE posting_entry ENABLE TRIGGER posting_balanced"
    )
    added = "INSERT INTO posting_entry (posting_id, position, account, amount)"
    engine = owner_engine(addresses.database_admin_url)
    with engine.begin() as connection:
        values = f" VALUES ({posting}, 90, 'client.bank', 5)"
        connection.exec_driver_sql(tampered.replace("{0}", added + values))
    assert not sound(database, oak)
    with engine.begin() as connection:
        gone = f"DELETE FROM posting_entry WHERE posting_id = {posting} AND position = 90"
        connection.exec_driver_sql(tampered.replace("{0}", gone))
    engine.dispose()
    assert sound(database, oak)


def test_a_part_is_given_back_by_hand_once_a_second_person_approves(
    work: HouseSession, sold: SoldSale, clerk: Desk, owner: Desk
) -> None:
    invoice = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    release_invoice(work, invoice.id, actor=None)
    work.commit()
    address = f"/manage/money/invoices/{invoice.id}"
    assert "Give money back" not in clerk.get(address).text
    paid = {"act": "pay", "amount": "2600", "method": "cash", "received_on": "2026-11-24"}
    assert clerk.post(address, paid).status_code == 302
    form = {
        "act": "repay", "amount": "100", "method": "cash", "paid_on": "2026-11-25",
        "reference": "", "reason": "Damaged frame",
    }  # fmt: skip
    assert clerk.post(address, {**form, "reason": " "}).status_code == 422
    assert clerk.post(address, form).status_code == 302
    page = clerk.get(address).text
    assert "waits for approval" in page
    assert "Given back" not in page
    approve_latest(owner)
    page = clerk.get(address).text
    assert "Given back: Cash" in page
    assert "£2,500" in page
