"""The public pages through the whole application: what is shown, kept, and asked for again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session
from wsgi import build_application

from auctionhouse.bidding.operations import place_bid
from auctionhouse.catalogue.models import Lot, SaleNotice
from auctionhouse.catalogue.queries.cards import Filter, lots_of
from auctionhouse.seed import seed_house
from auctionhouse.storefront.cards import Seen, card_key
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories.floor import make_floor
from factories.houses import make_house
from factories.sales import OpenSale, end_lots_now, make_open_sale
from factories.visitors import Visitor, visit


@pytest.fixture(scope="module")
def oak(addresses: Addresses, database: Database, settings: Settings) -> House:
    """A house of these tests' own: the front page of a shared one is full of others' sales."""
    schema = make_house(owner_engine(addresses.database_admin_url), seed_house)
    house = Directory(database, settings).by_schema(schema)
    assert house is not None
    return house


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def visitor(web: Application, settings: Settings, oak: House) -> Visitor:
    return visit(web, settings, oak)


@contextmanager
def at(database: Database, house: House) -> Iterator[Session]:
    with database.house_session(house) as session, session.begin():
        yield session


@pytest.fixture
def reference() -> str:
    return f"sale-{secrets.token_hex(4)}"


@pytest.fixture
def sale(database: Database, oak: House, reference: str) -> OpenSale:
    """A running sale of 65 lots, more than one page."""
    with at(database, oak) as session:
        return make_open_sale(session, reference=reference, lots=65)


def bid(database: Database, house: House, sale: OpenSale, lot: int, maximum: int) -> None:
    import uuid  # noqa: PLC0415 - one use

    client, member = sale.bidders[0]
    with at(database, house) as session:
        place_bid(
            session, lot_id=sale.lots[lot], client_id=client, placed_by_member_id=member,
            maximum=maximum, token=uuid.uuid4(),
        )  # fmt: skip


def test_the_first_page_leads_to_the_sale_and_its_lots(
    visitor: Visitor, sale: OpenSale, reference: str
) -> None:
    assert f"/sales/{reference}/" in visitor.page("/").links()
    page = visitor.page(f"/sales/{reference}/")
    assert f"/sales/{reference}/lots/60" in page.links()
    assert f"/sales/{reference}/lots/61" not in page.links()
    assert f"/sales/{reference}/lots/61" in visitor.page(f"/sales/{reference}/?page=2").links()


def test_a_draft_is_nowhere(visitor: Visitor, database: Database, oak: House) -> None:
    reference = f"draft-{secrets.token_hex(4)}"
    with at(database, oak) as session:
        made = make_open_sale(session, reference=reference)
        session.execute(text("UPDATE sale SET state = 'draft' WHERE id = :i"), {"i": made.sale_id})
    assert f"/sales/{reference}/" not in visitor.page("/").links()
    for path in ("", "lots/1", "lots/1/history", "total?maximum=1"):
        assert visitor.get(f"/sales/{reference}/{path}").status_code == 404


def test_another_houses_sale_is_not_here(
    web: Application, settings: Settings, elm: House, sale: OpenSale, reference: str
) -> None:
    assert visit(web, settings, elm).get(f"/sales/{reference}/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=99999999999", "?page=٣", "?sort=x", "?only=x",
     "?q=%22%27%29--", "?only=mine", "?view=x", f"?q={'a' * 5000}"],
)  # fmt: skip
def test_odd_queries_are_answered(
    visitor: Visitor, sale: OpenSale, reference: str, query: str
) -> None:
    assert visitor.get(f"/sales/{reference}/{query}").status_code == 200


def test_a_lot_is_found_by_number_or_words(
    visitor: Visitor, sale: OpenSale, reference: str
) -> None:
    found = visitor.get(f"/sales/{reference}/jump?lot=007").headers["Location"]
    assert found == f"/sales/{reference}/lots/7"
    words = visitor.get(f"/sales/{reference}/jump?lot=blue+vase").headers["Location"]
    assert words == f"/sales/{reference}/?q=blue+vase"
    assert visitor.get(f"/sales/{reference}/lots/66").status_code == 404
    assert visitor.get(f"/sales/{reference}/lots/x").status_code == 404
    assert visitor.get("/sales/%00/").status_code == 404
    assert visitor.get("/sales/%00/lots/1").status_code == 404
    assert visitor.get(f"/sales/{reference}/lots/%00").status_code == 404


def test_an_unchanged_page_is_answered_with_304_until_something_changes(
    visitor: Visitor, database: Database, oak: House, sale: OpenSale, reference: str
) -> None:
    paths = [f"/sales/{reference}/", f"/sales/{reference}/lots/3", "/"]

    def tags() -> dict[str, str]:
        return {path: visitor.get(path).headers["ETag"] for path in paths}

    before = tags()
    for path, tag in before.items():
        again = visitor.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
    bid(database, oak, sale, 2, 5000)
    after = tags()
    assert not set(before.values()) & set(after.values())
    with at(database, oak) as session:
        session.add(SaleNotice(sale_id=sale.sale_id, body="Relined."))
    assert not set(after.values()) & set(tags().values())
    assert "Relined." in visitor.page(paths[0]).text


def test_time_alone_changes_a_page(
    visitor: Visitor, database: Database, oak: House, sale: OpenSale, reference: str
) -> None:
    """A lot whose end has passed is closing, though nobody has written anything."""
    path = f"/sales/{reference}/lots/1"
    before = visitor.get(path).headers["ETag"]
    with at(database, oak) as session:
        end_lots_now(session, sale.sale_id)
    answer = visitor.get(path, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert "state-closing" in answer.text
    assert "data-bid-button" not in answer.text


def test_a_page_differs_by_language_and_light(
    visitor: Visitor, sale: OpenSale, reference: str
) -> None:
    path = f"/sales/{reference}/"
    tags = {visitor.get(path).headers["ETag"]}
    tags.add(visitor.get(path, headers={"Accept-Language": "fr"}).headers["ETag"])
    visitor.plant("appearance", "dark")
    answer = visitor.get(path)
    tags.add(answer.headers["ETag"])
    assert len(tags) == 3
    assert 'data-theme="dark"' in answer.text
    assert {"Cookie", "Accept-Language"} <= set(answer.vary)


def test_public_pages_need_no_session_and_obey_the_policy(
    visitor: Visitor, sale: OpenSale, reference: str
) -> None:
    paths = ["/", f"/sales/{reference}/", f"/sales/{reference}/lots/1",
             f"/sales/{reference}/lots/1/history", "/nothing"]  # fmt: skip
    for path in paths:
        answer = visitor.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert "csrf_token" not in answer.text, path
    for path in paths[:-1]:
        assert visitor.page(path).refused_by_policy() == []


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def _reads(statement: str) -> bool:
    return statement.lstrip().upper().startswith(("SELECT", "WITH"))


def test_a_catalogue_page_costs_the_same_few_statements_for_any_number_of_lots(
    visitor: Visitor, database: Database, oak: House, sale: OpenSale, reference: str
) -> None:
    small = f"small-{secrets.token_hex(4)}"
    with at(database, oak) as session:
        make_open_sale(session, reference=small, lots=1)
    counted = {}
    for name in (small, reference):
        visitor.page(f"/sales/{name}/?page=9")
        with statements(database.engine) as sent:
            visitor.page(f"/sales/{name}/")
        counted[name] = [s for s in sent if _reads(s) and "FROM exchange." not in s]
    assert len(counted[small]) == len(counted[reference]) <= 4


def test_a_card_is_made_anew_whenever_anything_it_shows_changes(
    database: Database, oak: House, elm: House, sale: OpenSale
) -> None:
    with at(database, oak) as session:
        row = lots_of(session, sale.sale_id, Filter())[0][0]
    seen = Seen(oak, "en_GB", "theme")
    key = card_key(row, "open", seen, "card")
    others = [
        card_key(replace(row, version=9), "open", seen, "card"),
        card_key(replace(row, state_version=9), "open", seen, "card"),
        card_key(replace(row, id=0), "open", seen, "card"),
        card_key(row, "closing", seen, "card"),
        card_key(row, "open", seen, "line"),
        card_key(row, "open", Seen(oak, "fr_FR", "theme"), "card"),
        card_key(row, "open", Seen(oak, "en_GB", "other"), "card"),
        card_key(row, "open", Seen(replace(oak, version=99), "en_GB", "theme"), "card"),
    ]
    assert len({key, *others}) == len(others) + 1


def test_equal_lots_of_two_houses_keep_their_own_cards(
    web: Application, settings: Settings, database: Database, two_houses: tuple[House, House]
) -> None:
    """Failure 9 on cards and pages: same reference, same version, and where it falls so same id."""
    reference = f"twin-{secrets.token_hex(4)}"
    for house in two_houses:
        with at(database, house) as session:
            made = make_open_sale(session, reference=reference, currency=house.currency)
            session.get_one(Lot, made.lots[0]).title = f"Canary of {house.slug}"
    for house in (*two_houses, *two_houses):
        answer = visit(web, settings, house).get(f"/sales/{reference}/")
        other = next(twin for twin in two_houses if twin != house)
        assert f"Canary of {house.slug}" in answer.text
        assert f"Canary of {other.slug}" not in answer.text


def test_filters_and_orders_choose_lots(
    visitor: Visitor, database: Database, oak: House, reference: str
) -> None:
    with at(database, oak) as session:
        made = make_open_sale(session, reference=reference, lots=3, lasts=timedelta(hours=2))
        session.get_one(Lot, made.lots[0]).title = "Bronze stag"
        session.get_one(Lot, made.lots[1]).reserve = 90000
    bid(database, oak, made, 2, 9000)

    def lots(query: str) -> list[str]:
        links = visitor.page(f"/sales/{reference}/{query}").links()
        found = [link.rpartition("/")[2] for link in links if "/lots/" in link]
        return list(dict.fromkeys(found))

    assert lots("?q=stag") == ["1"]
    assert lots("?only=no-reserve") == ["1", "3"]
    assert lots("?only=no-bids") == ["1", "2"]
    assert lots("?only=ended") == []
    assert lots("?sort=bids") == ["3", "1", "2"]
    assert lots("?q=nowhere") == []
    assert "No lot matches" in visitor.page(f"/sales/{reference}/?q=nowhere").text


def test_a_maximum_is_reckoned_with_the_premium(
    visitor: Visitor, database: Database, oak: House, sale: OpenSale, reference: str
) -> None:
    with at(database, oak) as session:
        session.execute(
            text("UPDATE sale SET premium_percent = 25 WHERE id = :i"), {"i": sale.sale_id}
        )
    answer = visitor.get(f"/sales/{reference}/lots/1/total?maximum=1,300")
    assert answer.json == {
        "maximum": "£1,300",
        "lines": [["Buyer’s premium 25%", "£325"]],
        "premium": "£325",
        "total": "£1,625",
    }
    wrong = visitor.get(
        f"/sales/{reference}/lots/1/total?maximum=-3", headers={"Accept": "application/json"}
    )
    assert (wrong.status_code, wrong.json["error"] if wrong.json else "") == (422, "amount_invalid")


def test_a_long_story_of_a_price_begins_with_its_end(
    visitor: Visitor, database: Database, oak: House, reference: str
) -> None:
    floor = make_floor(database, oak, reference=reference)
    for number in range(18):
        floor.bid(number % 2, 1000 + 1000 * number)
    shown = visitor.page(f"/sales/{reference}/lots/1/history")
    assert "earlier steps" in shown.text
    starts = [attributes.get("start") for tag, attributes in shown.tags if tag == "ol"]
    assert len([start for start in starts if start]) == 1
