"""The back office's rooms of offers: answers, sellers' decisions, and what was not sold."""

import re
from typing import Any

import pytest

from auctionhouse.bidding.closing import close_due
from auctionhouse.catalogue.operations import archive_sale
from auctionhouse.catalogue.refusals import OffersOpen
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.house import House
from factories.desks import Desk
from factories.floor import Floor, make_floor
from factories.offers import Haggle
from factories.pages import Page
from factories.proofs import holds

TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "offers": "every_lot", "conditional_share": 90,
}  # fmt: skip


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Two lots open to offers, had at once for £500."""
    return make_floor(database, oak, lots=2, terms=TERMS, buy_now=50_000)


def closed(database: Database, oak: House, *bids: tuple[int, int], **more: Any) -> Floor:
    floor = make_floor(database, oak, **{"terms": TERMS, **more})
    for bidder, maximum in bids:
        floor.bid(bidder, maximum)
    floor.end()
    close_due(database, oak)
    return floor


@pytest.fixture
def unsold(database: Database, oak: House) -> Floor:
    """Bidder 2 led at £210, after £200 and £150; the reserve is £1,000."""
    return closed(database, oak, (0, 20_000), (1, 15_000), (2, 30_000), reserve=100_000)


def room(floor: Floor) -> str:
    return f"/manage/sales/{floor.sale.sale_id}/offers"


def lot(floor: Floor, number: int = 1) -> str:
    return f"/manage/lots/{floor.sale.lots[number - 1]}/offers"


def answer(clerk: Desk, offer: int, act: str, **typed: str) -> Any:
    """Answer an offer with the amount its page shows."""
    page = f"/manage/offers/{offer}"
    amount = re.search(r'name="amount" type="hidden" value="([^"]*)"', clerk.get(page).text)
    assert amount is not None
    return clerk.post(f"{page}/{act}", {"amount": amount[1], **typed}, page=page)


def test_an_offer_is_read_and_countered_and_accepted(clerk: Desk, floor: Floor) -> None:
    haggle = Haggle(floor)
    number = haggle.offer(0, 30_000).offer_id
    for page in (room(floor), "/manage/offers/", lot(floor)):
        shown = clerk.get(page).text
        assert "£300" in shown
        assert f"/manage/offers/{number}" in shown
    assert "Offers waiting" in clerk.get("/manage/").text
    low = answer(clerk, number, "counter", counter="250", hours="5")
    assert low.status_code == 422
    assert "Ask for more than £300" in low.text
    assert 'value="250"' in low.text
    for hours in ("0", "337", "soon", ""):
        assert answer(clerk, number, "counter", counter="400", hours=hours).status_code == 422
    assert answer(clerk, number, "counter", counter="400", hours="5").status_code == 303
    page = f"/manage/offers/{number}"
    assert "waits for the bidder" in clerk.get(page).text
    assert "accept" not in " ".join(Page(clerk.get(page).text).actions())
    haggle.bidder(0, number, "counter", counter=35_000)
    assert answer(clerk, number, "accept").status_code == 303
    assert "accepted" in clerk.get(room(floor)).text
    assert (floor.state().outcome, floor.state().price) == ("sold", 35_000)
    steps = clerk.get(page).text
    assert "The house counters" in steps
    assert "The bidder counters" in steps


def test_nobody_accepts_what_they_have_not_seen(clerk: Desk, floor: Floor) -> None:
    haggle = Haggle(floor)
    number = haggle.offer(0, 30_000).offer_id
    page = f"/manage/offers/{number}"
    stale = clerk.post(f"{page}/accept", {"amount": "290.00"}, page=page)
    assert (stale.status_code, "has moved on" in stale.text) == (422, True)
    wrong = clerk.post(f"{page}/accept", {"amount": "much"}, page=page)
    assert wrong.status_code == 422
    haggle.bidder(0, number, "withdraw")
    assert clerk.post(f"{page}/decline", {"amount": "300.00"}, page=page).status_code == 422
    assert clerk.get("/manage/offers/999999999").status_code == 404
    assert floor.entries() == ["opened"]


def test_the_house_is_not_told_what_keeps_a_bidder_from_buying(clerk: Desk, floor: Floor) -> None:
    number = Haggle(floor).offer(0, 30_000).offer_id
    floor.run("UPDATE registration SET state = 'suspended' WHERE client_id = :c",
              c=floor.sale.bidders[0][0])  # fmt: skip
    refused = answer(clerk, number, "accept")
    assert refused.status_code == 422
    assert "no longer allows this price" in refused.text
    assert floor.entries() == ["opened"]


@pytest.mark.parametrize(
    ("act", "outcome", "said"),
    [("accept", "sold", "sold to the highest bidder"), ("decline", "unsold", "not sold")],
)
def test_what_the_seller_said_is_entered(
    clerk: Desk, database: Database, oak: House, act: str, outcome: str, said: str
) -> None:
    floor = closed(database, oak, (0, 44_000), (1, 45_000), reserve=50_000)
    shown = clerk.get(room(floor)).text
    assert "Near the reserve" in shown
    assert "waits for the seller" in shown
    assert "Subject to the seller" in clerk.get(f"/manage/lots/{floor.sale.lots[0]}/bids").text
    number = int(re.findall(r"/manage/offers/(\d+)", shown)[0])
    page = clerk.get(f"/manage/offers/{number}").text
    assert "The seller accepts £450" in page
    assert answer(clerk, number, act).status_code == 303
    assert said in clerk.get(room(floor)).text
    assert floor.state().outcome == outcome
    assert holds(floor)


def test_underbidders_are_offered_the_lot_in_turn(clerk: Desk, unsold: Floor) -> None:
    page = clerk.get(lot(unsold))
    assert "Offer it to who bid on it" in page.text
    clients = [client for client, _member in unsold.sale.bidders]
    assert re.findall(r'name="underbidders-price_(\d+)"', page.text) == [
        str(clients[place]) for place in (2, 0, 1)
    ]
    assert "£300" not in page.text, "the leader’s maximum above the price stays theirs"
    assert "Offer it once more" in clerk.get(room(unsold)).text
    form = {"underbidders-way": "in_turn", "underbidders-hours": "24"}
    nobody = clerk.post(f"{lot(unsold)}/underbidders", form, page=lot(unsold))
    assert (nobody.status_code, "at least one bidder" in nobody.text) == (422, True)
    chosen = {
        f"underbidders-take_{clients[0]}": "y", f"underbidders-price_{clients[0]}": "",
        f"underbidders-take_{clients[1]}": "y", f"underbidders-price_{clients[1]}": "175",
    }  # fmt: skip
    wrong = {**form, **chosen, f"underbidders-price_{clients[1]}": "0"}
    assert clerk.post(f"{lot(unsold)}/underbidders", wrong, page=lot(unsold)).status_code == 422
    made = clerk.post(f"{lot(unsold)}/underbidders", {**form, **chosen}, page=lot(unsold))
    assert made.status_code == 303
    shown = clerk.get(lot(unsold)).text
    assert "Offered to 2 bidders" in shown
    assert "£200" in shown
    assert "£175" in shown
    assert "in line" in shown
    assert "underbidders-hours" not in shown, "one round at a time"
    again = clerk.post(f"{lot(unsold)}/underbidders", {**form, **chosen}, page=lot(unsold))
    assert (again.status_code, "open offer on this lot already" in again.text) == (422, True)


def test_all_may_be_asked_at_once_and_a_price_set_beside(clerk: Desk, unsold: Floor) -> None:
    clients = [client for client, _member in unsold.sale.bidders]
    form = {"underbidders-way": "at_once", "underbidders-hours": "24"}
    ticks = {f"underbidders-take_{client}": "y" for client in clients}
    made = clerk.post(f"{lot(unsold)}/underbidders", {**form, **ticks}, page=lot(unsold))
    assert made.status_code == 303
    assert clerk.get(lot(unsold)).text.count("waits for the bidder") == 3
    late = {"everybody-price": "800", "everybody-until": "2020-01-01T10:00"}
    past = clerk.post(f"{lot(unsold)}/everybody", late, page=lot(unsold))
    assert (past.status_code, "from an hour to 90 days" in past.text) == (422, True)
    assert 'value="800"' in past.text
    empty = {"everybody-price": "", "everybody-until": ""}
    assert clerk.post(f"{lot(unsold)}/everybody", empty, page=lot(unsold)).status_code == 422


def test_everybody_may_have_it_at_a_price_and_a_client_buys(clerk: Desk, unsold: Floor) -> None:
    offer = {"everybody-price": "800", "everybody-until": in_days(clerk, unsold)}
    assert clerk.post(f"{lot(unsold)}/everybody", offer, page=lot(unsold)).status_code == 303
    shown = clerk.get(lot(unsold)).text
    assert "can have the lot for £800" in shown
    token = re.search(r'name="buy-token"[^>]*value="([^"]+)"', shown)
    assert token is not None
    client = str(unsold.sale.bidders[1][0])
    other = {"buy-token": token[1], "buy-client_id": client, "buy-amount": "700"}
    changed = clerk.post(f"{lot(unsold)}/buy", other, page=lot(unsold))
    assert changed.status_code == 422
    order = {**other, "buy-amount": "800"}
    for _press in range(2):
        assert clerk.post(f"{lot(unsold)}/buy", order, page=lot(unsold)).status_code == 303
    assert unsold.entries()[-2:] == ["after_sale", "purchase"]
    assert unsold.state().leader_client_id == unsold.sale.bidders[1][0]
    assert holds(unsold)


def in_days(clerk: Desk, floor: Floor) -> str:
    with floor.database.house_connection(floor.house) as connection:
        ahead = "SELECT to_char(clock_timestamp() + interval '2 days', 'YYYY-MM-DD\"T\"HH24:MI')"
        moment: str = connection.exec_driver_sql(ahead).scalar_one()
    return moment


def test_a_clients_offer_is_entered_as_they_told(clerk: Desk, floor: Floor) -> None:
    shown = clerk.get(lot(floor)).text
    token = re.search(r'name="offer-token"[^>]*value="([^"]+)"', shown)
    assert token is not None
    order = {
        "offer-token": token[1], "offer-client_id": str(floor.sale.bidders[0][0]),
        "offer-amount": "500",
    }  # fmt: skip
    refused = clerk.post(f"{lot(floor)}/offer", order, page=lot(floor))
    assert (refused.status_code, "at once for £500" in refused.text) == (422, True)
    for _press in range(2):
        made = clerk.post(f"{lot(floor)}/offer", {**order, "offer-amount": "450"}, page=lot(floor))
        assert made.status_code == 303
    assert "£450" in clerk.get(room(floor)).text


def test_a_sale_with_open_offers_is_not_put_away(
    work: HouseSession, clerk: Desk, unsold: Floor
) -> None:
    first = Haggle(unsold).underbidders()[0]
    with pytest.raises(OffersOpen):
        archive_sale(work, unsold.sale.sale_id, actor=None)
    work.rollback()
    assert answer(clerk, first, "withdraw").status_code == 303
    assert "Withdrawn" in clerk.get(f"/manage/offers/{first}").text


def test_a_lot_that_is_sold_is_offered_to_nobody(clerk: Desk, floor: Floor) -> None:
    floor.buy(0, 50_000)
    shown = clerk.get(lot(floor)).text
    assert "No offers on this lot" in shown
    form = {"everybody-price": "800", "everybody-until": in_days(clerk, floor)}
    refused = clerk.post(f"{lot(floor)}/everybody", form, page=lot(floor, 2))
    assert (refused.status_code, "was not sold" in refused.text) == (422, True)
