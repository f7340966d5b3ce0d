"""What waits at a demo house's desk: a late buyer, money that came short, an act for two, a hold.

All of it through the same operations as staff; whoever tries the demo can go on from there.
"""

from dataclasses import dataclass

import httpx
from sqlalchemy import select

from auctionhouse.approvals.operations import ask
from auctionhouse.banking.models import BankLine
from auctionhouse.banking.operations import match_line, take_file
from auctionhouse.banking.queries import open_invoices
from auctionhouse.banking.rules import OpenInvoice
from auctionhouse.catalogue.models import Sale
from auctionhouse.collecting.reminding import send_reminders
from auctionhouse.demo.past import by_transfer
from auctionhouse.deposits.operations import Asked, ask_bidder, ask_of_sale
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client, Member
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.links import open_page, refresh
from auctionhouse.payments.models import Payment
from auctionhouse.payments.two_person import REFUND
from auctionhouse.registrations.operations import register
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.tenancy.current import acting_for

UPCOMING = "winter"
HOLD, FREE_UP_TO = 500, 20_000
"""What the sale to come asks bidders for, and up to what they bid without; in whole units."""

SHORT_BY = 50
"""What a buyer's bank kept for itself, in whole units: the line waits for somebody."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What people at a house write."""

    refund: str
    charge: str
    sender: str
    file: str


NOTES = {
    "en": Notes("The frame came back damaged", "Account fee of November", "The bank",
                "clients-account-november.csv"),
    "fr": Notes("Le cadre est revenu abîmé", "Frais de tenue de compte de novembre", "La banque",
                "compte-clients-novembre.csv"),
}  # fmt: skip


def fill_desk(desk: Desk, entity_id: int, slug: str, language: str) -> None:
    """Leave everything an office finds in the morning; it is done once, after the past sale."""
    notes = NOTES[language]
    with acting_for(desk.house), desk.writing() as session:
        send_reminders(session)
        _bank_statement(session, entity_id, slug, notes)
        _ask_for_refund(session, slug, notes)


def _bank_statement(session: HouseSession, entity_id: int, slug: str, notes: Notes) -> None:
    """Import a statement: a part that a clerk posted, a fee, and one line that waits."""
    entity = session.get_one(LegalEntity, entity_id)
    part_of, short_of = _by_transfer(session, entity_id, slug)
    unit = 10 ** currency(entity.currency).exponent
    lines = (
        (part_of.names[0], part_of.number, part_of.due * 2 // 5),
        (short_of.names[0], short_of.number, short_of.due - SHORT_BY * unit),
        (notes.sender, notes.charge, -12 * unit),
    )
    day = database_now(session).date().isoformat()
    content = "Date,Name,Reference,Amount\n" + "".join(
        f"{day},{name},{reference},{decimal_string(amount, currency(entity.currency))}\n"
        for name, reference, amount in lines
    )
    take_file(session, entity_id, notes.file, content.encode(), actor=None)
    first = session.scalars(select(BankLine.id).order_by(BankLine.id).limit(1)).one()
    match_line(session, first, [part_of.id], actor=None)


def _by_transfer(
    session: HouseSession, entity_id: int, slug: str
) -> tuple[OpenInvoice, OpenInvoice]:
    """Return the invoices of who pays a part by transfer, and of who is late and pays short."""
    named = {one.names[0]: one for one in open_invoices(session, entity_id)}
    part, late = (_person(session, email)[0].name for email in by_transfer(slug))
    return named[part], named[late]


def _ask_for_refund(session: HouseSession, slug: str, notes: Notes) -> None:
    """Have the clerk ask for a part of the latest card payment back: the owner may approve it."""
    query = select(Payment).where(Payment.state == "paid", ~Payment.disputed)
    payment = session.scalars(query.order_by(Payment.id).offset(1)).first()
    if payment is not None:
        clerk = _member(session, f"clerk@{slug}.example")
        payload = {"payment": payment.id, "amount": payment.paid_amount // 20}
        ask(session, REFUND, payload, reason=notes.refund, actor=clerk.id)


def leave_hold(desk: Desk, slug: str) -> None:
    """Have the sale to come ask for a hold, and the bidder to try with leave one at Stripe."""
    with acting_for(desk.house), desk.writing() as session:
        sale = session.scalars(select(Sale).where(Sale.reference == UPCOMING)).one()
        unit = 10 ** currency(sale.currency).exponent
        owner = _member(session, f"owner@{slug}.example")
        asked = Asked("hold", HOLD * unit, FREE_UP_TO * unit)
        ask_of_sale(session, sale.id, asked, actor=owner.id)
        robin, _member_of = _person(session, f"bidder@{slug}.example")
        registration = register(session, sale, robin, sale.conditions_id, by_staff=True)
        payment = ask_bidder(session, registration, actor=None).id
    with acting_for(desk.house):
        back = desk.house.url(desk.settings, "/account/")
        pay_at_sandbox(desk, open_page(desk, payment, back=back), card="4242424242424242")
        refresh(desk, payment)


def pay_at_sandbox(desk: Desk, address: str, *, card: str) -> None:
    """Type a test card on the sandbox's page, where it listens: *.localhost is for browsers."""
    page = f"{desk.settings.stripe_api_base}{httpx.URL(address).path}"
    httpx.post(page, data={"card": card})


def _person(session: HouseSession, email: str) -> tuple[Client, Member]:
    query = select(Client, Member).join(Member, Member.id == Client.member_id)
    client, member = session.execute(query.where(Member.email == email)).one()
    return client, member


def _member(session: HouseSession, email: str) -> Member:
    return session.scalars(select(Member).where(Member.email == email)).one()
