"""Bidders' pages: a lot that is had at once, from the panel to the receipt."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.floor import Floor, make_floor
from factories.people import sign_in_bidder
from factories.visitors import Visitor, visit

Bidder = Callable[[int], Visitor]
TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "buy_now_until": "low_estimate",
}  # fmt: skip
JSON = {"headers": {"Accept": "application/json"}}
OFFER = "Buy now for £500"


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Two lots had at once for £500, until the bidding reaches £80."""
    details = {"buy_now": 50_000, "estimate_low": 10_000, "estimate_high": 20_000}
    return make_floor(database, oak, lots=2, terms=TERMS, lasts=timedelta(days=2), **details)


@pytest.fixture
def bidder(web: Application, settings: Settings, floor: Floor) -> Bidder:
    """Open the browser of a numbered bidder of the floor."""
    return lambda number: sign_in_bidder(web, settings, floor, number)


def lot(floor: Floor, number: int = 1) -> str:
    return f"/sales/{floor.reference}/lots/{number}"


def asked(visitor: Visitor, path: str) -> dict[str, str]:
    """Ask for the confirmation and return its form."""
    page = visitor.page(f"{path}/buy")
    return {
        tag["name"]: tag["value"] for name, tag in page.tags if name == "input" and "name" in tag
    }


def test_everybody_sees_the_price_and_who_is_registered_buys(
    floor: Floor, bidder: Bidder, web: Application, settings: Settings
) -> None:
    stranger = visit(web, settings, floor.house)
    assert OFFER in stranger.page(lot(floor)).text
    assert OFFER in stranger.page(f"/sales/{floor.reference}/").text
    assert "until the bidding reaches £80" in stranger.page(lot(floor)).text
    ada = bidder(0)
    page = ada.page(f"{lot(floor)}/buy").text
    assert "All in" in page
    assert "A purchase is binding" in page
    answer = ada.post(f"{lot(floor)}/buy", asked(ada, lot(floor)))
    assert answer.status_code == 303
    shown = ada.page(lot(floor)).text
    assert "You bought this lot for £500" in shown
    assert OFFER not in shown
    assert "Won" in shown
    assert "Sold for" in stranger.page(lot(floor)).text


def test_what_was_bought_stands_among_ones_bids_with_its_receipt(
    floor: Floor, bidder: Bidder
) -> None:
    ada = bidder(0)
    ada.post(f"{lot(floor)}/buy", asked(ada, lot(floor)))
    mine = ada.page("/me/bids").text
    assert "You won 1 lot" in mine
    receipts = ada.page(f"{lot(floor)}/receipts")
    assert "You bought the lot for £500" in receipts.text
    path = next(link for link in receipts.links() if link.startswith("/me/receipts/"))
    document: Any = ada.get(path).json
    assert '"outcome":"accepted"' in document["statement"]
    assert '"price":50000' in document["statement"]


def test_who_comes_second_is_told_with_a_receipt(floor: Floor, bidder: Bidder) -> None:
    ben = bidder(1)
    form = asked(ben, lot(floor))
    floor.buy(0, 50_000)
    answer = ben.post(f"{lot(floor)}/buy", form)
    assert answer.status_code == 409
    assert "Bidding on this lot has closed" in answer.text
    assert "/me/receipts/refused/" in answer.text


def test_a_price_that_moved_is_not_paid_unseen(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    form = asked(ada, lot(floor))
    for price in ("400.00", "", "many"):
        answer = ada.post(f"{lot(floor)}/buy", {**form, "price": price})
        assert answer.status_code in {409, 422}
    assert floor.entries() == ["opened"]
    assert ada.post(f"{lot(floor)}/buy", {**form, "token": "x"}).status_code == 422


def test_a_script_buys_too(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    form = {**asked(ada, lot(floor)), "token": str(uuid4())}
    first: Any = ada.post(f"{lot(floor)}/buy", form, **JSON).json
    again: Any = ada.post(f"{lot(floor)}/buy", form, **JSON).json
    assert first == again
    assert (first["outcome"], first["price"]) == ("bought", 50_000)
    other = {**form, "token": str(uuid4())}
    gone = ada.post(f"{lot(floor)}/buy", other, **JSON)
    told: Any = gone.json
    assert (gone.status_code, told["error"]) == (409, "lot_closed")
    assert told["receipt"].startswith("/me/receipts/refused/")


def test_who_is_not_registered_is_led_there(
    floor: Floor, web: Application, settings: Settings, database: Database
) -> None:
    stranger = visit(web, settings, floor.house)
    assert stranger.get(f"{lot(floor)}/buy").status_code in {302, 401}
    floor.run("DELETE FROM registration WHERE client_id = :c", c=floor.sale.bidders[2][0])
    eve = sign_in_bidder(web, settings, floor, 2)
    answer = eve.get(f"{lot(floor)}/buy")
    assert (answer.status_code, answer.headers["Location"]) == (302, lot(floor))


def test_once_the_bidding_passed_the_limit_the_page_says_so(floor: Floor, bidder: Bidder) -> None:
    floor.bid(1, 9000)
    floor.bid(2, 7500)
    ada = bidder(0)
    assert OFFER not in ada.page(lot(floor)).text
    answer = ada.get(f"{lot(floor)}/buy")
    assert answer.status_code == 409
    assert "can no longer be bought at once" in answer.text


def test_a_maximum_above_the_price_is_pointed_at_it(floor: Floor, bidder: Bidder) -> None:
    page = bidder(0).page(f"{lot(floor)}/bid?maximum=600")
    assert "You can have this lot at once for £500" in page.text
    assert f"{lot(floor)}/buy" in page.links()
