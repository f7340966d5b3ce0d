"""The short way of bids beside the ordinary one: the same people, sales and formats.

Each bid is sent twice, to equal lots of one sale: once to the application as it is served, once to
its pages alone. Whatever way the first takes, both answers and both lots must be the same.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from auctionhouse.bidding.formats import FORMATS
from auctionhouse.seed import seed_house
from auctionhouse.storefront import bid_door, bid_views
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.operations import resume_house, suspend_house
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses
from factories.houses import make_house
from factories.rounds import FLAT, Round, begin, register, sign_in
from factories.ways import Script, Ways

pytestmark = pytest.mark.usefixtures("_remembered")


pytestmark = pytest.mark.usefixtures("_remembered")


@pytest.fixture(scope="module")
def ways(settings: Settings, database: Database) -> Ways:
    return Ways(settings, database)


@pytest.fixture(scope="module")
def ada(ways: Ways, database: Database, oak: House) -> Script:
    return sign_in(ways, database, oak)


AT_ONCE = {
    "blocked": "UPDATE member SET active = false, blocked_at = now() WHERE id = :member",
    "signed out": "UPDATE member_session SET revoked_at = now() WHERE member_id = :member",
    "another password": "UPDATE member SET fs_uniquifier = 'x' || id WHERE id = :member",
    "gone for long": "UPDATE member_session SET last_seen_at = now() - interval '31 days'"
    " WHERE member_id = :member",
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_who_may_no_longer_enter_is_refused_at_once(
    ways: Ways, database: Database, oak: House, name: str
) -> None:
    """The short way remembers signatures, never that somebody is signed in."""
    round_ = begin(ways, database, oak, sign_in(ways, database, oak))
    assert round_.bid().way == "short"
    round_.run(AT_ONCE[name])
    answer = round_.bid(form={"maximum": "300"})
    assert (answer.way, answer.status) == ("pages", 403)


BY_SALE = {
    "paused": ("UPDATE sale SET paused_at = now() WHERE id = :sale", 409),
    "ended": ("UPDATE lot_state SET ends_at = now() WHERE sale_id = :sale", 409),
    "closed": ("UPDATE lot_state SET status = 'closed', outcome = 'unsold' WHERE sale_id = :sale",
               409),
    "withdrawn": ("UPDATE lot_state SET status = 'withdrawn' WHERE sale_id = :sale", 409),
    "not begun": (("UPDATE lot_state SET starts_at = now() + interval '1 minute',"
                  " ends_at = now() + interval '2 hours',"
                  " scheduled_ends_at = now() + interval '2 hours' WHERE sale_id = :sale"), 409),
    "declined": ("UPDATE registration SET state = 'declined', paddle = NULL WHERE sale_id = :sale",
                 403),
    "suspended": ("UPDATE registration SET state = 'suspended' WHERE sale_id = :sale", 403),
    "not registered": ("DELETE FROM registration WHERE sale_id = :sale", 403),
    "limited": ("UPDATE registration SET bid_limit = 100 WHERE sale_id = :sale", 409),
    "with a sum": ("UPDATE registration SET spending_limit = 100 WHERE sale_id = :sale", 409),
    "staff": (("INSERT INTO member_role (member_id, role_id) SELECT :member, id FROM role"
              " WHERE name = 'clerk'"), 403),
    "the seller's": (("UPDATE lot SET consignor_client_id = (SELECT id FROM client"
                     " WHERE member_id = :member) WHERE sale_id = :sale"), 403),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_SALE)
def test_a_lot_or_a_sale_is_looked_at_with_each_bid(
    ways: Ways, database: Database, oak: House, name: str
) -> None:
    round_ = begin(ways, database, oak, sign_in(ways, database, oak, locale="fr"))
    statement, status = BY_SALE[name]
    round_.run(statement)
    answer = round_.bid(form={"maximum": "400"})
    assert (answer.way, answer.status) == ("short", status)


def test_a_lot_of_another_number_or_currency_is_asked_of_the_pages(
    ways: Ways, database: Database, oak: House, ada: Script
) -> None:
    round_ = begin(ways, database, oak, ada)
    round_.run("UPDATE sale SET currency = 'EUR' WHERE id = :sale")
    assert round_.bid().way == "pages"
    round_.run("UPDATE lot SET suffix = 'B' WHERE sale_id = :sale")
    answer = round_.bid()
    assert (answer.way, answer.status) == ("pages", 404)


def test_a_member_who_bids_too_often_waits_whatever_way_the_bids_come(
    ways: Ways, database: Database, oak: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = begin(ways, database, oak, sign_in(ways, database, oak))
    for module in (bid_door, bid_views):
        monkeypatch.setattr(module, "BIDS_A_MINUTE", "3/minute")
    answers = [round_.ways.serve(round_.script.bid(round_.path(1), form={"maximum": amount}))
               for amount in ("200", "300", "400", "x")]  # fmt: skip
    assert [one.status for one in answers] == [200, 200, 200, 429]
    last = round_.ways.serve(round_.script.bid(round_.path(1), form={"maximum": "500"}))
    assert (last.way, last.status, last.headers["Retry-After"]) == ("short", 429, "60")


def test_a_suspended_house_takes_no_bid(
    ways: Ways, database: Database, addresses: Addresses
) -> None:
    engine = owner_engine(addresses.database_admin_url)
    slug = f"s{secrets.token_hex(4)}"
    schema = make_house(engine, seed_house, slug=slug)
    engine.dispose()
    house = Directory(database, ways.settings).by_schema(schema)
    assert house is not None
    round_ = begin(ways, database, house, sign_in(ways, database, house))
    assert round_.bid().way == "short"
    for act, way, status in ((suspend_house, "door", 503), (resume_house, "short", 200)):
        more = {"reason": "unpaid"} if act is suspend_house else {}
        with database.platform_session() as session, session.begin():
            act(session, slug, actor="test", **more)
        ways.forget()
        ways.serve(b"GET / HTTP/1.1\r\nHost: %s.localhost\r\n\r\n" % slug.encode())
        answer = round_.bid(form={"maximum": "300"})
        assert (answer.way, answer.status) == (way, status)


NEEDED: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "sealed_pieces": ({}, {"quantity": 10}),
    "dutch": ({"clock": {"start": 50000, "step": 10000, "every_s": 3600}}, {}),
    "choice": ({}, {"quantity": 3}),
}
"""What a format needs beside its name: terms, and lots."""

WITHIN_A_FORMAT: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "a reserve": ({}, {"reserve": 25000}),
    "an extension": ({"soft_close": {"window_s": 7200, "extend_s": 60}}, {}),
    "closing together": ({"soft_close": {"window_s": 7200, "extend_s": 60, "scope": "group"}}, {}),
    "a price to buy at": ({}, {"buy_now": 50000}),
    "times the money": ({}, {"quantity": 3}),
    "on the ladder": ({"pricing": "ladder", "off_ladder": "round_down"}, {}),
    "sealed, for good": ({"format": "sealed_first", "sealed": {"changes": "never"}}, {}),
    "sealed, uncounted": ({"format": "sealed_second", "sealed": {"count": False}}, {}),
}
"""Terms and lots."""


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_the_short_way_as_it_takes_the_long_one(
    ways: Ways, database: Database, oak: House, ada: Script, name: str
) -> None:
    terms, lot = NEEDED.get(name, ({}, {}))
    round_ = begin(ways, database, oak, ada, terms={**FLAT, "format": name, **terms}, **lot)
    _bid_against(round_, sign_in(ways, database, oak, locale="fr"))


@pytest.mark.parametrize("name", WITHIN_A_FORMAT)
def test_so_does_every_way_to_sell_within_a_format(
    ways: Ways, database: Database, oak: House, ada: Script, name: str
) -> None:
    terms, lot = WITHIN_A_FORMAT[name]
    round_ = begin(ways, database, oak, ada, terms={**FLAT, **terms}, **lot)
    _bid_against(round_, sign_in(ways, database, oak, locale="fr"))


def _bid_against(round_: Round, other: Script) -> None:
    """Have two bidders pass each other, bid too low, and for pieces, each answered in words."""
    register(round_.database, round_.house, round_.sale_id, other)
    for amount in ("150", "1", "200", "255", "600"):
        for script in (round_.script, other):
            for pieces in ("", "2"):
                turn = replace(round_, script=script)
                answer = turn.bid(form={"maximum": amount, "words": "1", "pieces": pieces})
                assert answer.way == "short"


@pytest.mark.parametrize("price", ["500", "499"])
def test_buying_at_once_is_the_pages_affair(
    ways: Ways, database: Database, oak: House, ada: Script, price: str
) -> None:
    round_ = begin(ways, database, oak, ada, buy_now=50000)
    answer = round_.same(
        lambda path: ada.bid(path, form={"price": price}).replace(b"/bid HTTP", b"/buy HTTP", 1)
    )
    assert (answer.way, answer.status) == ("pages", 200 if price == "500" else 409)
