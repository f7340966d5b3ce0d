"""What a buyer hears of credit notes: their own numbers on the statement, and a mail for each."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

import auctionhouse.collecting.tasks  # noqa: F401 - registers its tasks
from auctionhouse.collecting.listening import CREDIT_MAIL
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing.allowances import allow, left_of
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import credit_invoice, make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
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
