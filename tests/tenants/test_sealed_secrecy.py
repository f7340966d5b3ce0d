"""A sealed bid is read by nobody before its opening: no page, file, table, event, job or log.

Where the terms hide even how many have bid, that is told nowhere either.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from wsgi import build_application

from auctionhouse.bidding import errors, published
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.ledger import commitment, commitment_salt
from auctionhouse.bidding.queries import explain
from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseBase
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories.floor import Floor, make_floor
from factories.houses import make_house
from factories.leaks import crawl, shows
from factories.people import sign_in_bidder
from factories.visitors import Visitor, make_member, visit

PLANTED = (7654321098, 8989898989, 6868686868)
"""Sealed bids, the first one replaced by the last; their digits stand nowhere else."""

SEALED: dict[str, Any] = {
    "increments": [[0, 1000]], "format": "sealed_first", "confirm_times_asking": 0,
    "sealed": {"changes": "withdraw"},
}  # fmt: skip
HIDDEN: dict[str, Any] = {**SEALED, "sealed": {"changes": "withdraw", "count": False}}


@pytest.fixture
def quiet(addresses: Addresses, database: Database, settings: Settings) -> House:
    """A house of the test's own, so that a crawl meets no other test's sales."""
    engine = owner_engine(addresses.database_admin_url)
    house = Directory(database, settings).by_schema(make_house(engine, seed_house))
    engine.dispose()
    assert house is not None
    return house


@pytest.fixture
def floor(database: Database, quiet: House) -> Floor:
    made = make_floor(database, quiet, terms=SEALED)
    made.bid(0, PLANTED[0])
    made.bid(1, PLANTED[1])
    made.bid(0, PLANTED[2])
    with pytest.raises(errors.BidTooLow):
        made.bid(2, 5)
    return made


@pytest.fixture
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def staff(web: Application, settings: Settings, database: Database, quiet: House) -> Visitor:
    visitor = visit(web, settings, quiet)
    visitor.sign_in(make_member(database, quiet, roles=("owner", "clerk")))
    return visitor


def test_no_page_and_no_file_tells_before_the_opening(
    floor: Floor, staff: Visitor, web: Application, settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Seen to fail with the amount among what a sealed bid's entry shows."""
    lot, sale = floor.sale.lots[0], f"/sales/{floor.reference}"
    pages = crawl(staff, "/manage/", sale, f"/manage/lots/{lot}", f"{sale}/lots/1/ledger")
    other = sign_in_bidder(web, settings, floor, 2)
    pages |= {f"bidder {path}": told for path, told in crawl(other, sale, "/me/").items()}
    assert f"/manage/lots/{lot}/bids" in pages
    assert f"{sale}/lots/1/history" in pages
    assert f"{sale}/ledger/heads" in pages
    assert [address for address, told in pages.items() if shows(told, *PLANTED)] == []
    assert not shows(caplog.text, *PLANTED)
    opened = staff.submit(f"/manage/lots/{lot}/book", {"reason": "curious"})
    assert "sealed" in opened.text
    assert not shows(opened.text, *PLANTED)
    refused = staff.submit(f"/manage/lots/{lot}/open-bids", {}, to=f"/manage/lots/{lot}/open-bids")
    assert refused.status_code == 422
    assert not shows(refused.text, *PLANTED)
    mine = sign_in_bidder(web, settings, floor, 1)
    assert "£89,898,989.89" in mine.page(f"{sale}/lots/1").text, "bidders see their own"


def test_no_table_of_the_house_tells(floor: Floor) -> None:
    """Whoever exports everything by SQL finds neither the amounts nor what guesses them."""
    with floor.database.house_session(floor.house) as session:
        for table in HouseBase.metadata.sorted_tables:
            for row in session.execute(table.select()):
                assert not shows(str(row), *PLANTED), table.name
                plain = [bytes(value) for value in row if isinstance(value, bytes)]
                for amount in PLANTED:
                    assert not any(amount.to_bytes(8, "big") in v for v in plain), table.name
        rows = session.execute(
            text("SELECT * FROM ledger_entry WHERE lot_id = :lot"), {"lot": floor.sale.lots[0]}
        ).all()
    committed = {json.loads(row.payload).get("maximum") for row in rows} - {None}
    secrets = {bytes(value) for row in rows for value in row if isinstance(value, memoryview)}
    assert len(committed) == len(PLANTED)
    for secret in secrets:
        for salt in (secret, commitment_salt(secret, "maximum")):
            assert not {commitment(salt, "maximum", amount) for amount in PLANTED} & committed


def test_no_event_and_no_job_tells(floor: Floor, settings: Settings) -> None:
    with owner_engine(settings.database_admin_url or "").connect() as connection:
        rows = connection.execute(text("SELECT kind, topic, payload FROM exchange.outbox")).all()
    assert rows
    assert not [row for row in rows if shows(f"{row.topic} {row.payload}", *PLANTED)]


def test_after_the_opening_all_that_stood_are_told_and_what_was_replaced_is_not(
    floor: Floor, staff: Visitor
) -> None:
    floor.end()
    close_due(floor.database, floor.house)
    pages = crawl(staff, "/manage/", f"/sales/{floor.reference}")
    history = pages[f"/sales/{floor.reference}/lots/1/history"]
    assert "£89,898,989.89" in history
    assert "£68,686,868.68" in history
    assert [address for address, told in pages.items() if shows(told, PLANTED[0])] == []


def told_to_everybody(floor: Floor, visitor: Visitor) -> dict[str, Any]:
    """Return everything a stranger can compare: pages, their versions, ledger and heads."""
    sale = f"/sales/{floor.reference}"
    paths = (f"{sale}/", f"{sale}/?view=list", f"{sale}/lots/1", f"{sale}/lots/1/history")
    pages = {path: visitor.get(path) for path in paths}
    heads = json.loads(visitor.get(f"{sale}/ledger/heads").text)
    statement = json.loads(heads["statement"])
    return {
        "pages": {path: answer.text for path, answer in pages.items()},
        "versions": {path: answer.headers.get("ETag") for path, answer in pages.items()},
        "ledger": visitor.get(f"{sale}/lots/1/ledger").text,
        "heads": (statement["lots"], statement["head"]),
    }


def events_of(floor: Floor, settings: Settings) -> list[dict[str, Any]]:
    """Return what was told live to everybody who watches the sale."""
    query = text("SELECT payload FROM exchange.outbox WHERE house = :house AND topic = :topic"
                 " AND kind = 'live' ORDER BY id")  # fmt: skip
    topic = f"sale:{floor.sale.sale_id}"
    with owner_engine(settings.database_admin_url or "").connect() as connection:
        values = {"house": floor.house.schema, "topic": topic}
        return list(connection.execute(query, values).scalars())


def test_where_the_terms_hide_it_nobody_learns_how_many_have_bid(
    database: Database, quiet: House, web: Application, settings: Settings
) -> None:
    """Seen to fail with the lot's version in the page's, and with the whole ledger handed out."""
    floor = make_floor(database, quiet, terms=HIDDEN)
    stranger = visit(web, settings, quiet)
    before, events = told_to_everybody(floor, stranger), events_of(floor, settings)
    for bidder, amount in enumerate(PLANTED):
        answered = floor.bid(bidder, amount)
        assert answered.nth == 1
    floor.bid(0, 5000)
    assert told_to_everybody(floor, stranger) == before
    assert events_of(floor, settings) == events
    with database.house_session(quiet) as session:
        said = explain(session, floor.sale.lots[0], currency("GBP"), "en")
        assert len(published.public_lines(session, floor.sale.lots[0])) == 1
    assert len(said) == 1
    floor.end()
    close_due(database, quiet)
    after = told_to_everybody(floor, stranger)
    assert "3 bids" in after["pages"][f"/sales/{floor.reference}/lots/1"]
    assert after["heads"] != before["heads"]


def test_a_receipt_does_not_count_either_and_still_binds_the_house(
    database: Database, quiet: House, web: Application, settings: Settings
) -> None:
    floor = make_floor(database, quiet, terms=HIDDEN)
    for bidder, amount in enumerate(PLANTED):
        floor.bid(bidder, amount)
    ada = sign_in_bidder(web, settings, floor, 2)
    path = f"/sales/{floor.reference}/lots/1"
    token = ada.page(f"{path}/bid?maximum=70").token()
    form = {"maximum": "70", "token": str(uuid4()), "csrf_token": token}
    answer = ada.post(f"{path}/bid", form, headers={"Accept": "application/json"})
    lot = floor.sale.lots[0]
    assert answer.get_json()["receipt"] == f"/me/receipts/{lot}/own/2"
    early = json.loads(ada.get(f"/me/receipts/{lot}/own/2").text)
    told = json.loads(early["statement"])
    assert (told["sequence"], told["bids"], told["price"]) == (None, None, None)
    assert ada.get(f"/me/receipts/{lot}/5").status_code == 404
    assert ada.get(f"/me/receipts/{lot}/own/3").status_code == 404
    assert f"/me/receipts/{lot}/own/1" in ada.get(f"{path}/receipts").text
    floor.end()
    close_due(database, quiet)
    with database.house_session(quiet) as session:
        lines = published.public_lines(session, lot)
    assert told["hash"] in {line.entry.hash.hex() for line in lines}
    assert json.loads(json.loads(ada.get(f"/me/receipts/{lot}/5").text)["statement"])["sequence"]
