"""Credit notes for a part made at the same moment, by two people or by a second click."""

import threading

import pytest
from sqlalchemy import text

from auctionhouse.approvals.models import ApprovalRule
from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing.allowances import allow, left_of
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.two_person import ALLOWANCE
from auctionhouse.seed import seed_house
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories.desks import Desk
from factories.houses import make_house
from factories.invoices import make_sold_sale
from factories.together import all_at_once
from factories.visitors import make_member, visit


@pytest.fixture(scope="module")
def house(addresses: Addresses, settings: Settings, database: Database) -> House:
    """A house of these tests' own, where one person is enough to take something off."""
    engine = owner_engine(addresses.database_admin_url)
    schema = make_house(engine, seed_house)
    engine.dispose()
    found = Directory(database, settings).by_schema(schema)
    assert found is not None
    with database.house_session(found) as session, session.begin():
        now = database_now(session)
        session.add(ApprovalRule(kind=ALLOWANCE, needs_two=False, changed_at=now))
    return found


def released(session: HouseSession, entity_id: int | None = None) -> Invoice:
    """Return an invoice of a sale of its own, with its own vendor and buyer."""
    sold = make_sold_sale(session, lots=1)
    if entity_id is not None:
        session.get_one(Sale, sold.sale.sale_id).legal_entity_id = entity_id
        session.flush()
    proforma = make_proformas(session, sold.sale.sale_id, actor=None)[0]
    return release_invoice(session, proforma.id, actor=None)


def test_two_credit_notes_of_one_company_wait_for_each_other_and_not_for_ever(
    database: Database, house: House
) -> None:
    """Either has referred to the company already when it asks for the next number."""
    with acting_for(house), database.house_session(house) as session, session.begin():
        first = released(session)
        ids, entity = (first.id, released(session, first.entity_id).id), first.entity_id
    both_referred = threading.Barrier(2)

    def take_off(invoice_id: int) -> str | None:
        with acting_for(house), database.house_session(house) as mine, mine.begin():
            # What every posting of the company holds, as its foreign key takes it.
            mine.execute(
                text("SELECT FROM legal_entity WHERE id = :id FOR KEY SHARE"), {"id": entity}
            )
            both_referred.wait(60)
            return allow(mine, invoice_id, 0, 1_000, reason="Chipped", actor=None).number

    numbers = all_at_once([lambda one=one: take_off(one) for one in ids])  # type: ignore[misc]
    series = str(min(map(str, numbers))).rpartition("-")[0]
    assert sorted(map(str, numbers)) == [f"{series}-00001", f"{series}-00002"]


@pytest.mark.parametrize("pounds", ["10", "1000"], ids=["a part", "the whole charge"])
def test_a_second_click_takes_nothing_off_again(
    web: Application, settings: Settings, database: Database, house: House, pounds: str
) -> None:
    clerk = Desk(visit(web, settings, house))
    clerk.visitor.sign_in(make_member(database, house, roles=("clerk",)))
    with acting_for(house), database.house_session(house) as session, session.begin():
        invoice_id = released(session).id
    path = f"/manage/money/invoices/{invoice_id}"
    tags = clerk.visitor.page(path).tags
    token = next(tag["value"] for _name, tag in tags if tag.get("name") == "allowance-token")
    typed = {
        "act": "allowance", "allowance-place": "0", "allowance-amount": pounds,
        "allowance-reason": "Chipped", "allowance-token": token,
    }  # fmt: skip
    assert [clerk.post(path, typed).status_code for _click in range(2)] == [302, 302]
    other = clerk.post(path, {**typed, "allowance-amount": "7"})
    assert "This form was sent already" in other.text
    with acting_for(house), database.house_session(house) as session:
        assert session.query(Invoice).filter_by(allows_id=invoice_id).count() == 1
        left = left_of(session, session.get_one(Invoice, invoice_id)).pieces[0]
        assert left.amount == 100_000 - 100 * int(pounds)
