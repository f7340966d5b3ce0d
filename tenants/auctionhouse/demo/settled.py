"""A sale of the demo that is over within a minute: bought, paid, stated, ready to be paid out.

Its first buyer paid for the lots of a consignor who also bids, the second for an estate's, the
third by a card whose holder disputes the payment, which freezes a dealer's settlement.
"""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.operations import place_bid
from auctionhouse.catalogue.models import Sale
from auctionhouse.demo.houses import DemoHouse
from auctionhouse.demo.people import simulated
from auctionhouse.demo.programme import PARTS, Kind, Plan, collection
from auctionhouse.demo.sales import make_sale
from auctionhouse.demo.vendors import consign_lots
from auctionhouse.invoicing.by_card import ask_by_card
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.members.models import Client
from auctionhouse.payments.cards import customer_at
from auctionhouse.payments.charging import charge_now
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import CardOnFile, Payment
from auctionhouse.registrations.operations import register
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.storage import Storage
from auctionxchange.payments.accounts import account_of

PAST = Kind(
    "autumn",
    parts=(0, 1),
    lots=6,
    starts=timedelta(seconds=-5),
    ends=timedelta(seconds=40),
    interval_seconds=0,
    soft_close_seconds=1,
)
FIRST_WORK = 12
"""The quick sale's first works are in it at the same time."""

VENDORS = (0, 0, 1, 1, 2, 2)
"""Whose the lots are: the bidder's, the estate's, the dealer's."""

DISPUTED_CARD = "pm_card_createDispute"


def make_past_sale(session: HouseSession, storage: Storage, house: DemoHouse, title: str) -> int:
    """Make the sale with its vendors and bids; its end is left to the worker."""
    dealt = collection(house)
    share = [work for part in PAST.parts for work in dealt[part::PARTS]]
    works = tuple(share[FIRST_WORK : FIRST_WORK + PAST.lots])
    due = Plan(kind=PAST, reference=PAST.reference, title=title, ends=PAST.ends, works=works)
    sale_id = make_sale(session, storage, house, due)
    sale = session.get_one(Sale, sale_id)
    sale.note = ""
    consign_lots(session, sale_id, VENDORS)
    _bid(session, sale)
    return sale_id


def _bid(session: Session, sale: Sale) -> None:
    """Have each lot bought by the buyer meant for it, over somebody else's bid."""
    buyers = {number: _registered(session, sale, number) for number in (1, 2, 3, 4)}
    rows = session.execute(
        text("SELECT id, opening, reserve FROM lot WHERE sale_id = :sale ORDER BY number"),
        {"sale": sale.id},
    ).all()
    for place, lot in enumerate(rows):
        least = max(lot.opening, lot.reserve or 0)
        for number, maximum in ((4, least * 3 // 2), (VENDORS[place] + 1, least * 3)):
            client = buyers[number]
            place_bid(
                session, lot_id=lot.id, client_id=client.id, maximum=maximum, token=uuid4(),
                placed_by_member_id=client.member_id or 0,
            )  # fmt: skip


def _registered(session: Session, sale: Sale, number: int) -> Client:
    client = session.scalars(select(Client).where(Client.email == simulated(number))).one()
    register(session, sale, client, sale.conditions_id)
    return client


def settle_past_sale(session: Session) -> None:
    """Invoice the sale once it is closed, have two buyers pay, and state what vendors get."""
    query = select(Sale).where(Sale.reference == PAST.reference, Sale.state == "closed")
    sale = session.scalars(query).one_or_none()
    if sale is None or session.query(Invoice).filter_by(sale_id=sale.id).first() is not None:
        return
    today = database_now(session).date()
    for made in make_proformas(session, sale.id, actor=None):
        invoice = release_invoice(session, made.id, actor=None)
        if session.get_one(Client, invoice.client_id).email != simulated(3):
            record_payment(
                session, invoice.id, invoice.total, "transfer", received_on=today, actor=None
            )
    for draft in draft_statements(session, sale.id, actor=None):
        release_statement(session, draft.id, actor=None)


def dispute_purchase(desk: Desk) -> bool:
    """Charge the third buyer's card, whose holder then objects; False where it is not time yet."""
    with desk.writing() as session:
        invoice_id, client_id, entity = _unpaid(session)
    account = account_of(desk.database, desk.house, entity) if invoice_id else None
    if account is None or not account.active:
        return False
    customer_at(desk, client_id, account.account)
    with desk.writing() as session:
        kept = session.get_one(CardOnFile, (client_id, account.account))
        kept.card, kept.brand, kept.last4 = DISPUTED_CARD, "visa", "0259"
        payment_id = ask_by_card(session, invoice_id, actor=None).id
    return charge_now(desk, payment_id) == "paid"


def _unpaid(session: Session) -> tuple[int, int, int]:
    """Return the third buyer's invoice with its client and entity, or zeros where none waits."""
    paid = select(Payment.id).where(Payment.kind == "invoice", Payment.reference_id == Invoice.id)
    query = (
        select(Invoice)
        .join(Client, Client.id == Invoice.client_id)
        .join(Sale, Sale.id == Invoice.sale_id)
        .where(Sale.reference == PAST.reference, Client.email == simulated(3))
        .where(Invoice.number.is_not(None), ~paid.exists())
    )
    found = session.scalars(query).first()
    return (0, 0, 0) if found is None else (found.id, found.client_id, found.entity_id)
