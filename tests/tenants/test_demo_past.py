"""The demo's sale that is over: its invoices stand in every state a buyer can leave them in."""

from collections import Counter

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.banking.models import BankLine
from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.collecting.models import InvoiceReminder
from auctionhouse.demo.collected import collect_past_sale
from auctionhouse.demo.houses import HOUSES
from auctionhouse.demo.office import UPCOMING, fill_desk, leave_hold
from auctionhouse.demo.past import close_past_sale, hold_past_sale, invoice_past_sale, set_rules
from auctionhouse.demo.people import make_people
from auctionhouse.demo.programme import KINDS, plan
from auctionhouse.demo.sales import make_sale
from auctionhouse.demo.settled import settle_past_sale
from auctionhouse.demo.vendors import make_vendors
from auctionhouse.handover.models import ReleaseOrder
from auctionhouse.invoicing.entities import save_entity
from auctionhouse.invoicing.queries import invoices
from auctionhouse.members.models import Client
from auctionhouse.payments.models import Payment
from auctionhouse.seed import seed_house
from auctionhouse.settlement.queries.payable import open_groups
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.storage import make_storage
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses
from factories.houses import make_house
from factories.sales import end_lots_now
from factories.stripe import open_counter

OAK = HOUSES[0]
TO_COME = next(kind for kind in KINDS if kind.reference == UPCOMING)


def test_the_past_sale_is_paid_declined_asked_for_and_refunded(
    settings: Settings, database: Database, addresses: Addresses
) -> None:
    engine = owner_engine(addresses.database_admin_url)
    schema = make_house(engine, seed_house)
    engine.dispose()
    house = Directory(database, settings).by_schema(schema)
    assert house is not None
    slug = house.slug
    with open_counter(settings, database, house) as counter:
        with acting_for(house), database.house_session(house) as session, session.begin():
            make_people(session, slug, "en", "simulation")
            values = {**OAK.entity, "currency": "GBP"}
            entity = save_entity(session, counter.entity, values, actor=None)
            make_vendors(session, slug, "en", entity)
            set_rules(session, counter.entity, OAK)
            publish_conditions(session, "Conditions", "Pay.", actor=None)
            hold_past_sale(session, make_storage(settings), OAK, slug)
            end_lots_now(session, session.scalar(text("SELECT max(id) FROM sale")) or 0)
        close_past_sale(database, house)
        with acting_for(house), database.house_session(house) as session, session.begin():
            invoice_past_sale(session, counter.entity, slug)
        assert collect_past_sale(counter.desk, counter.account, counter.entity, slug, "en")
        assert not collect_past_sale(counter.desk, counter.account, counter.entity, slug, "en")
        fill_desk(counter.desk, counter.entity, slug, "en")
        with acting_for(house), database.house_session(house) as session, session.begin():
            make_sale(session, make_storage(settings), OAK, plan(OAK, TO_COME, 1))
        leave_hold(counter.desk, slug)
        assert settle_past_sale(counter.desk) == 3
        with database.house_session(house) as session:
            rows = invoices(session)
            orders = session.query(ReleaseOrder).count()
            ready = _ready(session, counter.entity)
            waiting = _waiting(session)
    assert [row.state for row in reversed(rows)] == [
        "paid", "paid", "declined", "action", "paid", "open", "open",
    ]  # fmt: skip
    assert orders == 3
    late, part_paid = rows[0], rows[1]
    assert part_paid.due is not None
    assert 0 < part_paid.due < part_paid.total
    assert late.due == late.total
    assert waiting == {
        "reminded": [late.id],
        "lines": [("matched", ""), ("queued", "under"), ("set_aside", "outgoing")],
        "asked": [("refund", "waiting")], "held": [("hold", "held")],
    }  # fmt: skip
    # The dealer's lot is ready only because no webhook tells of the dispute here.
    assert ready == {"Robin Bidder": 1, "Estate of Eleanor Marsh": 1, "Hugo Lane": 1}


def _waiting(session: Session) -> dict[str, list[object]]:
    """Return what the desk finds: reminders, the bank's lines, acts for two, money that is held."""
    lines = session.execute(select(BankLine.state, BankLine.reason).order_by(BankLine.id)).all()
    asked = session.execute(select(ApprovalRequest.kind, ApprovalRequest.state)).all()
    held = session.execute(select(Payment.kind, Payment.state).where(Payment.kind == "hold")).all()
    return {
        "reminded": list(session.scalars(select(InvoiceReminder.invoice_id))),
        "lines": [tuple(row) for row in lines],
        "asked": [tuple(row) for row in asked],
        "held": [tuple(row) for row in held],
    }


def _ready(session: Session, entity: int) -> dict[str, int]:
    """Return how much of each vendor's can be paid out at once."""
    groups = open_groups(session, entity, "GBP")
    ready = Counter(group.client_id for group in groups if not group.waits)
    return {session.get_one(Client, client).name: many for client, many in ready.items()}
