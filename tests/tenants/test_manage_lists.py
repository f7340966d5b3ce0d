"""Lists of the back office: sorted, counted, in pages that never overlap, and whole as a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from auctionhouse.manage import listing
from auctionhouse.manage.audit_words import act_words, told
from auctionhouse.members.models import AuditEntry, Client
from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories import catalogue as make
from factories.desks import Desk
from factories.houses import make_house
from factories.pages import Page
from factories.sales import make_open_sale
from factories.visitors import make_member, visit


@dataclass(frozen=True, slots=True)
class Office:
    """A house of these tests' own, and a clerk at its desk."""

    house: House
    desk: Desk
    database: Database

    def page(self, path: str) -> Page:
        return self.desk.visitor.page(path)

    def file(self, path: str) -> list[dict[str, str]]:
        """Take a list away and return its rows."""
        answer = self.desk.get(path)
        assert answer.mimetype == "text/csv"
        content = answer.get_data().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(content)))

    def session(self) -> HouseSession:
        return self.database.house_session(self.house)


@pytest.fixture(scope="module")
def office(
    web: Application, addresses: Addresses, settings: Settings, database: Database
) -> Office:
    engine = owner_engine(addresses.database_admin_url)
    schema = make_house(engine, seed_house)
    engine.dispose()
    house = Directory(database, settings).by_schema(schema)
    assert house is not None
    visitor = visit(web, settings, house)
    visitor.sign_in(make_member(database, house, roles=("clerk",)))
    with database.house_session(house) as session, session.begin():
        for number in range(1, 12):
            make.make_client(session, f"Client {number:02}")
        make_open_sale(session)
        make.make_sale(session, lots=1)
    return Office(house, Desk(visitor), database)


def names(page: Page) -> list[str]:
    return [text for text in page.texts if text.startswith("Client ")]


def test_a_list_is_counted_and_its_pages_never_overlap(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail with equals left in any order: some stood on two pages, others on none."""
    monkeypatch.setattr(listing, "PER_PAGE", 4)
    with office.session() as session:
        total = len(session.scalars(select(Client.id)).all())
    first = office.page("/manage/clients/?order=company")
    assert f"{total} clients" in first.text
    found = []
    for number in range(1, -(-total // 4) + 1):
        found += names(office.page(f"/manage/clients/?order=company&page={number}"))
    assert sorted(found) == [f"Client {number:02}" for number in range(1, 12)]
    assert "/manage/clients/?order=company&page=2" in [
        f"/manage/clients/{link}" for link in first.links()
    ]


def test_a_list_is_sorted_either_way_and_keeps_its_search(office: Office) -> None:
    up = names(office.page("/manage/clients/?order=name&search=client"))
    down = office.page("/manage/clients/?order=name&down=1&search=client")
    assert names(down) == up[::-1]
    assert "?order=name&search=client" in down.links()


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=٣", "page=99999999999", "order=phone", "order=nothing&down=x"],
)
def test_an_odd_question_is_answered_with_the_list(office: Office, query: str) -> None:
    assert office.desk.get(f"/manage/clients/?{query}").status_code == 200


def test_a_list_is_taken_away_whole_and_the_audit_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail with a page's rows in the file."""
    monkeypatch.setattr(listing, "PER_PAGE", 4)
    rows = office.file("/manage/clients/?search=client&order=name&down=1&as=csv")
    assert [row["Name"] for row in rows] == [f"Client {n:02}" for n in range(11, 0, -1)]
    with office.session() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "list.export").order_by(AuditEntry.id)
        ).all()[-1]
    assert (entry.subject, entry.detail) == ("list:clients", {"rows": 11})
    assert entry.actor_member_id is not None


def test_a_name_that_is_a_formula_is_text_in_the_file(office: Office) -> None:
    """Seen to fail with the values written as they are."""
    with office.session() as session, session.begin():
        make.make_client(session, '=HYPERLINK("http://evil.example")')
    rows = office.file("/manage/clients/?search=hyperlink&as=csv")
    assert [row["Name"] for row in rows] == ['\'=HYPERLINK("http://evil.example")']
    with office.session() as session, session.begin():
        session.execute(text("DELETE FROM client WHERE name LIKE '=%'"))


def test_lots_are_taken_away_with_plain_amounts(office: Office) -> None:
    with office.session() as session, session.begin():
        sale = make.make_sale(session, lots=1)
        make.make_lot(session, sale, 27, suffix="A", title="Zebra clock", reserve=123_456)
    rows = office.file(f"/manage/sales/{sale.id}/?as=csv&order=number&down=1")
    assert (rows[0]["Lot"], rows[0]["Title"], rows[0]["Reserve"]) == (
        "27A", "Zebra clock", "1234.56",
    )  # fmt: skip
    states = {row["Reference"]: row["State"] for row in office.file("/manage/sales/?as=csv")}
    assert (states[sale.reference], states["spring"]) == ("Draft", "Open")


@pytest.mark.parametrize("path", ["registrations", "members", "audit", "sales", "clients"])
def test_every_list_is_sorted_by_each_of_its_columns(office: Office, path: str) -> None:
    sorters = [link for link in office.page(f"/manage/{path}/").links() if "order=" in link]
    assert sorters
    for link in sorters:
        assert office.desk.get(f"/manage/{path}/{link}").status_code == 200
        assert office.desk.get(f"/manage/{path}/{link}&as=csv").status_code == 200


def test_members_are_narrowed_to_staff(office: Office) -> None:
    make_member(office.database, office.house)
    rows = office.file("/manage/members/?kind=staff&as=csv")
    assert {row["Roles"] for row in rows} <= {"clerk", "owner"}
    assert len(office.file("/manage/members/?as=csv")) > len(rows)


def test_the_audit_is_told_in_words_and_names(office: Office) -> None:
    with office.session() as session, session.begin():
        sale = make.make_sale(session, lots=0, title="Clocks and barometers")
    shown = office.page("/manage/audit/")
    assert "Sale: creation" in shown.text
    assert "Clocks and barometers" in shown.text
    assert f"/manage/sales/{sale.id}/" in shown.links()
    narrowed = office.page(f"/manage/audit/?subject=sale:{sale.id}")
    assert "Audit · Clocks and barometers" in narrowed.text


def test_an_act_without_words_is_shown_as_it_is_named() -> None:
    assert act_words("lot.polish_up") == "Lot: polish up"
    assert act_words("odd") == "odd"
    assert told(
        {"terms": {"a": 1}, "none": None, "roles": ["clerk", "owner"], "digest": "a" * 64}
    ) == ('terms: {"a": 1}; roles: clerk, owner; digest: aaaaaaaaaaaa…')


def test_a_bidder_takes_no_list_away(desk_of: Callable[..., Desk]) -> None:
    assert desk_of("bidder").get("/manage/clients/?as=csv").status_code == 403
