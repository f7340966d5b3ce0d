"""Staff at a lot's bids: cancelling, reopening, correcting, bidding for the seller."""

from datetime import UTC, datetime, timedelta

import pytest

from auctionhouse.bidding.closing import close_due
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.desks import Desk, approve_latest
from factories.floor import Floor, make_floor

TERMS = {"increments": [[0, 1000]], "soft_close": None, "house_bidding": "below_reserve"}


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """A lot with a reserve of £80 on which two have bid; the second leads."""
    floor = make_floor(database, oak, terms=TERMS, reserve=8000)
    floor.bid(0, 3000)
    floor.bid(1, 5000)
    return floor


def path(floor: Floor, act: str = "bids") -> str:
    return f"/manage/lots/{floor.sale.lots[0]}/{act}"


def close(floor: Floor) -> None:
    floor.bid(1, 9000)
    floor.end()
    close_due(floor.database, floor.house)


def test_bids_are_listed_with_who_placed_them_and_no_maximum(floor: Floor, clerk: Desk) -> None:
    page = clerk.visitor.page(path(floor))
    assert f"bidder1-{floor.sale.sale_id}" in page.text
    assert "£40" in page.text
    assert "£50" not in page.text.replace("£50 ", "").replace("Next bid £50", "")
    assert path(floor, "bids/3/cancel") in page.links()
    assert path(floor) in clerk.visitor.page(f"/manage/lots/{floor.sale.lots[0]}").links()


def test_a_bid_is_cancelled_with_a_reason(floor: Floor, clerk: Desk) -> None:
    address = path(floor, "bids/3/cancel")
    assert clerk.post(address, {"reason": " ", "notice": ""}).status_code == 422
    answer = clerk.post(address, {"reason": "Wrong paddle", "notice": "Entered by mistake"})
    assert answer.status_code == 302
    assert floor.state().leader_client_id == floor.sale.bidders[0][0]
    page = clerk.visitor.page(path(floor)).text
    assert "Wrong paddle Entered by mistake" in page
    assert "no longer counts" in page
    again = clerk.post(address, {"reason": "Once more"})
    assert (again.status_code, "This bid no longer counts" in again.text) == (422, True)
    assert clerk.get(path(floor, "bids/1/cancel")).status_code == 404


def correct(floor: Floor, clerk: Desk, owner: Desk, form: dict[str, str]) -> None:
    """Have a clerk ask for a correction and an owner approve it."""
    before = floor.state().version
    assert clerk.post(path(floor, "correct"), form).status_code == 302
    assert floor.state().version == before
    approve_latest(owner)


def test_a_closed_lot_is_corrected_and_reopened(floor: Floor, clerk: Desk, owner: Desk) -> None:
    close(floor)
    links = clerk.visitor.page(path(floor)).links()
    assert {path(floor, "correct"), path(floor, "reopen")} <= set(links)
    assert path(floor, "withdraw") not in links
    form = {
        "client_id": str(floor.sale.bidders[2][0]), "price": "85.00",
        "notice": "The telephone bidder", "reason": "Clerk’s sheet",
    }  # fmt: skip
    assert clerk.post(path(floor, "correct"), {**form, "price": "0"}).status_code == 422
    correct(floor, clerk, owner, form)
    assert floor.state().price == 8500
    assert clerk.post(path(floor, "correct"), form).status_code == 422
    correct(floor, clerk, owner, {**form, "client_id": "0"})
    assert floor.state().outcome == "unsold"
    end = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    past = {"ends_at": "2020-01-01T10:00", "notice": "Again"}
    assert clerk.post(path(floor, "reopen"), past).status_code == 422
    assert clerk.post(path(floor, "reopen"), {"ends_at": end, "notice": "Again"}).status_code == 302
    assert floor.state().status == "open"
    assert floor.state().leader_client_id == floor.sale.bidders[1][0]


def test_the_house_bids_for_the_seller_below_the_reserve(floor: Floor, clerk: Desk) -> None:
    address = path(floor, "house-bid")
    assert address in clerk.visitor.page(path(floor)).links()
    refused = clerk.post(address, {"maximum": "80"})
    assert (refused.status_code, "below the reserve only" in refused.text) == (422, True)
    page = clerk.visitor.page(address)
    token = next(tag["value"] for name, tag in page.tags if tag.get("name") == "token")
    for _ in range(2):
        answer = clerk.post(address, {"maximum": "79.99", "token": token})
        assert answer.status_code == 302
    assert floor.entries().count("bid") == 3
    assert "The house, for the seller" in clerk.visitor.page(path(floor)).text


def test_without_the_sales_word_the_house_is_offered_no_bid(
    database: Database, oak: House, clerk: Desk
) -> None:
    floor = make_floor(database, oak, reserve=8000)
    assert path(floor, "house-bid") not in clerk.visitor.page(path(floor)).links()
    refused = clerk.post(path(floor, "house-bid"), {"maximum": "20"})
    assert refused.status_code == 422


def test_a_bidder_sees_what_the_sale_says_of_the_house(floor: Floor, clerk: Desk) -> None:
    for page in (f"/sales/{floor.reference}/", f"/sales/{floor.reference}/lots/1"):
        assert "the house may bid for the seller" in clerk.visitor.page(page).text
    history = f"/sales/{floor.reference}/lots/1/history"
    clerk.post(path(floor, "house-bid"), {"maximum": "70"})
    assert "the house, for the seller" not in clerk.visitor.page(history).text
    floor.end()
    close_due(floor.database, floor.house)
    assert "the house, for the seller" in clerk.visitor.page(history).text


def test_a_bid_for_a_client_far_above_is_asked_about_in_words(floor: Floor, clerk: Desk) -> None:
    form = {
        "lot_id": str(floor.sale.lots[0]), "client_id": str(floor.sale.bidders[0][0]),
        "token": "5f0c9a36-6a4e-4f6c-9d3e-0d4b1f6b7a55",
    }  # fmt: skip
    address = f"/manage/sales/{floor.sale.sale_id}/bid"
    asked = clerk.post(address, {**form, "maximum": "7000"}).text
    assert "In words: seven thousand British pounds." in asked
    assert "In words" not in clerk.post(address, {**form, "maximum": "70"}).text
