"""What becomes of credit notes: numbers, mails, and what a new invoice keeps of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

import auctionhouse.collecting.tasks  # noqa: F401 - registers its tasks
from auctionhouse.collecting.listening import CREDIT_MAIL
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.allowance_rules import Piece, carried
from auctionhouse.invoicing.allowances import allow, left_of, refund_export, sale_day
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import (
    credit_invoice,
    lots_of,
    make_proformas,
    release_invoice,
)
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.reissuing import Change, reissue
from auctionhouse.invoicing.statements import statements_of
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.invoices import SoldSale, make_sold_sale
from factories.jobs import Mailbox

PAID_ON = date(2026, 11, 24)
QUEUED = text("SELECT payload FROM exchange.outbox WHERE topic = :topic ORDER BY id")
MAIL = text(
    "SELECT payload FROM exchange.outbox WHERE topic = 'mail.send' ORDER BY id DESC LIMIT 1"
)


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


def off(work: HouseSession, invoice: Invoice, amount: int) -> Invoice:
    """Take an amount off the first premium of an invoice."""
    left = left_of(work, invoice)
    place = next(place for place in left.places if left.pieces[place].kind == "premium")
    return allow(work, invoice.id, place, amount, reason="Cadre abîmé", actor=None)


def test_a_statement_names_each_credit_note_by_its_own_number(
    work: HouseSession, invoice: Invoice
) -> None:
    first, second = off(work, invoice, 1_000), off(work, invoice, 2_000)
    last = credit_invoice(work, invoice.id, "Wrong buyer", actor=None)
    found = statements_of(work, invoice.client_id)[0]
    assert [(line.kind, line.number, line.amount) for line in found.lines] == [
        ("release", invoice.number, invoice.total),
        ("allowance", first.number, -1_200),
        ("allowance", second.number, -2_400),
        ("credit", last.number, last.total),
    ]
    assert found.balance == 0


def test_every_credit_note_is_mailed_in_the_buyers_language(
    work: HouseSession, app: Flask, settings: Settings, database: Database, oak: House,
    sold: SoldSale, invoice: Invoice,
) -> None:  # fmt: skip
    work.execute(
        text("UPDATE member SET locale = 'fr' WHERE id = :id"), {"id": sold.sale.bidders[0][1]}
    )
    record_payment(work, invoice.id, invoice.total, "transfer", received_on=PAID_ON, actor=None)
    part = off(work, invoice, 1_000)
    work.commit()
    services = WorkerServices(settings, database, Directory(database, settings), Mailbox(), app)

    def mailed(note: Invoice) -> dict[str, str]:
        key = {"topic": CREDIT_MAIL}
        with database.platform_connection() as connection:
            asked = [one["note"] for one in connection.execute(QUEUED, key).scalars()]
        assert asked.count(note.id) == 1
        run_job(TASKS, services, oak.schema, CREDIT_MAIL, {"note": note.id})
        with database.platform_connection() as connection:
            said: dict[str, str] = connection.execute(MAIL).scalar_one()
        return said

    said = mailed(part)
    assert said["to"] == f"bidder1-{sold.sale.sale_id}@example.com"
    assert said["subject"].startswith(f"Avoir {part.number}")
    for half in ("text", "html"):
        assert f"/account/invoices/{part.id}" in said[half]
        assert "Cadre abîmé" in said[half]
        assert "12\xa0£GB" in said[half]
        assert str(invoice.number) in said[half]
        assert "à votre crédit" in said[half]
    whole = credit_invoice(work, invoice.id, "Erreur", actor=None)
    work.commit()
    assert str(whole.number) in mailed(whole)["text"]


def put_right(work: HouseSession, invoice: Invoice, **change: Any) -> Invoice:
    """Credit an invoice and release another, changed in the VAT of lots or the buyer."""
    told = Change({"name": "Ada Ltd"}, None, change.get("vat", {}), change.get("client"))
    return reissue(work, invoice.id, told, reason="Company", actor=None)


def stands_at(work: HouseSession, invoice: Invoice) -> dict[str, int]:
    """Return what is left of each kind of charge of an invoice."""
    sums: dict[str, int] = {}
    for piece in left_of(work, invoice).pieces:
        sums[piece.kind] = sums.get(piece.kind, 0) + piece.amount
    return sums


def test_an_invoice_put_right_charges_nobody_what_was_taken_off(
    work: HouseSession, invoice: Invoice
) -> None:
    """Seen to fail without carrying over: the new invoice was due in full."""
    off(work, invoice, 1_000)
    off(work, invoice, 500)
    stood, due = stands_at(work, invoice), postings.due(work, invoice.id)
    fresh = put_right(work, invoice)
    assert (stands_at(work, fresh), postings.due(work, fresh.id)) == (stood, due)
    assert due == invoice.total - 1_800
    note = work.query(Invoice).filter_by(allows_id=fresh.id).one()
    assert (note.total, note.reason) == (-1_800, "Cadre abîmé")
    lots = [one.lot_id for one in lots_of(work, fresh.id)]
    again = put_right(work, fresh, vat=dict.fromkeys(lots, "margin"))
    assert stands_at(work, again)["premium"] == stood["premium"]
    assert "vat" not in stands_at(work, again)
    assert postings.unbalanced(work) == []


def test_what_was_paid_pays_what_is_left_of_the_new_invoice(
    work: HouseSession, invoice: Invoice, sold: SoldSale
) -> None:
    off(work, invoice, 1_000)
    due = postings.due(work, invoice.id)
    record_payment(work, invoice.id, due, "transfer", received_on=PAID_ON, actor=None)
    fresh = put_right(work, invoice)
    assert postings.due(work, fresh.id) == 0
    assert postings.credit_of(work, invoice.client_id, sold.entity.id, "GBP") == 0


def test_vat_of_an_exported_lot_stays_off_the_new_invoice(
    work: HouseSession, invoice: Invoice
) -> None:
    lots = left_of(work, invoice).lots_with_vat
    day = sale_day(work, invoice)
    refund_export(work, invoice.id, lots[:1], proof_on=day, reason="C88", actor=None)
    fresh = put_right(work, invoice)
    assert left_of(work, fresh).lots_with_vat == lots[1:]
    assert postings.due(work, fresh.id) == invoice.total - 5_000


def test_an_invoice_nothing_was_taken_off_gets_no_further_credit_note(
    work: HouseSession, invoice: Invoice
) -> None:
    fresh = put_right(work, invoice)
    assert work.query(Invoice).filter_by(allows_id=fresh.id).count() == 0


def test_a_charge_that_shrank_bears_at_most_itself_and_other_bands_the_rest() -> None:
    was = [
        Piece(1, "premium", "premium_band", Decimal(25), 1_000),
        Piece(1, "fee", "Packing", None, 500),
    ]
    left = [replace(was[0], amount=0), replace(was[1], amount=100)]
    fresh = [
        Piece(1, "premium", "premium_band", Decimal(20), 300),
        Piece(1, "premium", "premium_band", Decimal(25), 600),
        Piece(1, "vat", "vat_premium", Decimal(20), 180, 900),
        Piece(2, "fee", "Packing", None, 500),
    ]
    found = carried(was, left, fresh, lambda _tax, charge: charge.kind == "premium")
    assert [(one.kind, one.percent, one.amount) for one in found if one.amount] == [
        ("premium", Decimal(25), -600), ("vat", Decimal(20), -180), ("premium", Decimal(20), -300),
    ]  # fmt: skip
    assert all(one.amount == 0 or one.lot == 1 for one in found)
