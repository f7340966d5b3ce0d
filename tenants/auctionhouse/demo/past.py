"""A sale that is over when the demo starts, with invoices in every state a buyer can leave them in.

Its winners' cards at the Stripe sandbox pay, are declined, want their holders, or are disputed.
"""

import time
import uuid
from dataclasses import replace

from sqlalchemy import select, text

from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.operations import place_bid
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.collecting.settings import save_rules
from auctionhouse.demo.houses import DemoHouse
from auctionhouse.demo.people import simulated
from auctionhouse.demo.programme import PAST, Plan, plan
from auctionhouse.demo.sales import make_sale
from auctionhouse.demo.vendors import consign_lots
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.operations import make_proformas, release_invoices
from auctionhouse.members.models import Client, Member
from auctionhouse.registrations.operations import register
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.money import currency
from auctionxchange.kernel.storage import Storage
from auctionxchange.tenancy.house import House

VENDORS = (1, 0, 1, 2, 2, 0, 2)
"""Whose the lots are: the estate's, the bidder's (who wins the first), the dealer's."""

DAYS_LATE = 4
"""Past the first reminder, which goes out after three."""

PART_OF_WORKS = 3
"""So that the first quick sales have other works."""

_STATE = text("SELECT state FROM sale WHERE reference = :reference")
_PAUSE = 0.3


def winners(slug: str) -> list[str]:
    """Return the addresses of who wins the lots, in the lots' order."""
    return [f"bidder@{slug}.example", *(simulated(number) for number in range(1, PAST.lots))]


def by_transfer(slug: str) -> tuple[str, str]:
    """Return the addresses of two winners without a card: who pays in part, and who is late."""
    part, late = winners(slug)[-2:]
    return part, late


def past_plan(house: DemoHouse) -> Plan:
    """Plan the sale, which ends as soon at every house: the demo's start waits for all of them."""
    planned = plan(house, PAST, PART_OF_WORKS)
    return replace(planned, reference=PAST.reference, title=house.past, ends=PAST.ends)


def hold_past_sale(session: HouseSession, storage: Storage, house: DemoHouse, slug: str) -> None:
    """Make the sale, and have each of its winners outbid another; it ends some seconds later."""
    sale = session.get_one(Sale, make_sale(session, storage, house, past_plan(house)))
    consign_lots(session, sale.id, VENDORS)
    people = [_person(session, email) for email in winners(slug)]
    for client, _member in people:
        register(session, sale, client, sale.conditions_id, by_staff=True)
    lots = session.scalars(select(Lot).where(Lot.sale_id == sale.id).order_by(Lot.number)).all()
    for place, lot in enumerate(lots):
        highest = max(lot.reserve or 0, lot.estimate_low or 0, lot.opening)
        _bid(session, lot, people[(place + 1) % len(people)], highest)
        _bid(session, lot, people[place], _next_step(session, lot, highest))


def _person(session: HouseSession, email: str) -> tuple[Client, Member]:
    query = select(Client, Member).join(Member, Member.id == Client.member_id)
    client, member = session.execute(query.where(Member.email == email)).one()
    return client, member


def _bid(session: HouseSession, lot: Lot, person: tuple[Client, Member], maximum: int) -> None:
    client, member = person
    place_bid(
        session, lot_id=lot.id, client_id=client.id, placed_by_member_id=member.id,
        maximum=maximum, token=uuid.uuid4(),
    )  # fmt: skip


def _next_step(session: HouseSession, lot: Lot, highest: int) -> int:
    """Return a bid above another's maximum that is a step of the ladder."""
    state = session.get_one(LotState, lot.id, populate_existing=True)
    return max(state.asking, highest) * 2


def close_past_sale(database: Database, house: House) -> None:
    """Wait until the sale is over, and close it as the worker would."""
    while True:
        close_due(database, house)
        with database.house_connection(house) as connection:
            state = connection.execute(_STATE, {"reference": PAST.reference}).scalar()
        if state != "published":
            return
        time.sleep(_PAUSE)


def invoice_past_sale(session: HouseSession, entity_id: int, slug: str) -> None:
    """Release the sale's invoices, one of them with its day gone by, as if from a while ago."""
    sale_id = session.scalars(select(Sale.id).where(Sale.reference == PAST.reference)).one()
    entity = session.get_one(LegalEntity, entity_id)
    client, _member = _person(session, by_transfer(slug)[1])
    made = make_proformas(session, sale_id, actor=None)
    late = [one.id for one in made if one.client_id == client.id]
    release_invoices(session, [one.id for one in made if one.id not in late], actor=None)
    agreed, entity.payment_days = entity.payment_days, -DAYS_LATE
    release_invoices(session, late, actor=None)
    entity.payment_days = agreed


def set_rules(session: HouseSession, entity_id: int, house: DemoHouse) -> None:
    """Have the house collect by itself: release at the close, charge cards, remind, charge late."""
    unit = currency(house.new.currency)
    values = {
        "reminder_days": [3, 10, 21],
        "interest_reference": 4,
        "interest_margin": 8,
        "interest_after_days": 0,
        "storage_after_days": 14,
        "storage_fee": 5 * 10**unit.exponent,
        "storage_vat": 20,
        "at_close": "release",
        "charge": "invoice",
        "charge_up_to": 1_000_000 * 10**unit.exponent,
        "charge_after_hours": 0,
        "link_days": 3,
    }
    save_rules(session, entity_id, values, actor=None)
