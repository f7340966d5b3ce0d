"""Sealed bids on the pages: handed in, replaced, taken back, opened; for bidders and for staff."""

from typing import Any

import pytest
from wsgi import build_application

from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.emails import build
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.desks import Desk
from factories.floor import Floor, make_floor
from factories.people import sign_in_bidder
from factories.visitors import Visitor, make_member, visit

HIDDEN = ("csrf_token", "token", "maximum", "confirmed")


def sealed(form: str = "sealed_first", **settings: Any) -> dict[str, Any]:
    return {"increments": [[0, 1000]], "format": form, "sealed": settings}


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak, terms=sealed(changes="withdraw"), reserve=4000)


def path(floor: Floor) -> str:
    return f"/sales/{floor.reference}/lots/1"


def hand_in(visitor: Visitor, floor: Floor, amount: str) -> str:
    """Ask for the confirmation, place the bid, and return the lot's page."""
    page = visitor.page(f"{path(floor)}/bid?maximum={amount}")
    form: dict[str, str] = {}
    for tag, attributes in page.tags:
        if tag == "input" and attributes.get("name") in HIDDEN:
            form.setdefault(str(attributes["name"]), str(attributes.get("value", "")))
    assert "Hand in sealed bid" in page.text
    answer = visitor.post(f"{path(floor)}/bid", form)
    assert answer.status_code == 303, answer.text
    return visitor.page(path(floor)).text


def test_a_bidder_hands_in_replaces_and_takes_back(
    floor: Floor, web: Application, settings: Settings
) -> None:
    ada = sign_in_bidder(web, settings, floor, 0)
    before = ada.page(path(floor)).text
    assert "Least sealed bid £10" in before
    assert "With a reserve" in before
    panel = ada.get(path(floor)).text.partition('id="bid-panel"')[2].partition("</section>")[0]
    assert "Reserve not met" not in panel, "that would tell of the bids"
    said = hand_in(ada, floor, "45")
    assert "Your sealed bid is handed in" in said
    assert "Your sealed bid is £45." in said
    assert "1 bid" in said
    said = hand_in(ada, floor, "48")
    assert "Your sealed bid is £48." in said
    low = ada.get(f"{path(floor)}/bid?maximum=5")
    assert (low.status_code, "A sealed bid on this lot is £10 or more" in low.text) == (409, True)
    same = ada.get(f"{path(floor)}/bid?maximum=48")
    assert "That is your sealed bid already" in same.text
    mine = ada.page("/me/bids").text
    assert "Under seal 1" in mine
    assert "Your sealed bid £48" in mine
    back = ada.submit(f"{path(floor)}/sealed/withdraw", {})
    assert back.status_code == 303
    assert "Your sealed bid is taken back." in ada.page(path(floor)).text
    assert "Under seal" not in ada.page("/me/bids").text
    again = ada.submit(f"{path(floor)}/sealed/withdraw", {})
    assert (again.status_code, "You have no sealed bid" in again.text) == (422, True)


def test_everybody_reads_the_opened_bids_and_why_this_price(
    floor: Floor, web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor.bid(0, 4500)
    floor.bid(1, 6000)
    stranger = visit(web, settings, oak)
    told = stranger.page(path(floor)).text
    assert "2 bids" in told
    assert "Bids are sealed. Once all of them are opened they stand here" in told
    assert "handed in a sealed bid" in stranger.page(f"{path(floor)}/history").text
    floor.end()
    assert "Closing" in stranger.page(path(floor)).text
    close_due(database, oak)
    page = stranger.page(path(floor)).text
    assert "Sold for £60" in page
    assert "£45" in page
    history = stranger.page(f"{path(floor)}/history").text
    assert "All sealed bids were opened at the end: 2. The highest is £60 of" in history
    won, lost = (sign_in_bidder(web, settings, floor, number) for number in (1, 0))
    assert "Won 1" in won.page("/me/bids").text
    assert "Not won 1" in lost.page("/me/bids").text
    with database.house_session(oak) as session:
        mail = build(
            "won", session, oak, settings, lot_id=floor.sale.lots[0],
            client_id=floor.sale.bidders[1][0], price=6000,
        )  # fmt: skip
    assert mail is None, "a bidder without an address"


def test_a_bid_that_is_final_shows_no_form(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = make_floor(database, oak, terms=sealed("sealed_second"))
    ada = sign_in_bidder(web, settings, floor, 0)
    said = hand_in(ada, floor, "45")
    assert "In this sale a sealed bid is handed in once." in said
    assert "Take your sealed bid back" not in said
    refused = ada.get(f"{path(floor)}/bid?maximum=50")
    assert (refused.status_code, "do not let it be replaced" in refused.text) == (409, True)


def test_staff_see_who_bid_and_open_by_two(
    web: Application, settings: Settings, database: Database, oak: House, clerk: Desk,
    desk_of: Any,
) -> None:  # fmt: skip
    floor = make_floor(database, oak, terms=sealed(opened_by="staff", changes="withdraw"))
    lot = floor.sale.lots[0]
    floor.bid(0, 4500)
    floor.bid(1, 6000)
    listed = clerk.visitor.page(f"/manage/lots/{lot}/bids")
    assert listed.text.count("under seal") == 2
    assert f"/manage/lots/{lot}/open-bids" not in listed.links()
    assert f"/manage/lots/{lot}/book" not in clerk.visitor.page(f"/manage/lots/{lot}").links()
    floor.end()
    close_due(database, oak)
    stranger = visit(web, settings, oak)
    assert "The bids stay sealed until two members of staff open them." in (
        stranger.page(path(floor)).text
    )
    assert "Ended, bids sealed" in clerk.visitor.page(f"/manage/sales/{floor.sale.sale_id}/").text
    assert f"/manage/lots/{lot}/open-bids" in clerk.visitor.page(f"/manage/lots/{lot}/bids").links()
    act = f"/manage/lots/{lot}/open-bids"
    assert clerk.post(act, {}).status_code == 302
    assert "A second member of staff now opens the bids." in clerk.visitor.page(act).text
    assert clerk.post(act, {}).status_code == 422
    other = desk_of("owner")
    assert "asked for the opening. As the second person" in other.visitor.page(act).text
    assert other.post(act, {}).status_code == 302
    assert floor.state().outcome == "sold"
    shown = other.visitor.page(f"/manage/lots/{lot}/bids").text
    assert "£60" in shown
    assert "Bids opened" in shown
    assert other.post(act, {}).status_code == 422


def test_staff_hand_in_for_a_client_and_cancel_unread(
    floor: Floor, clerk: Desk, database: Database, oak: House
) -> None:
    lot, sale = floor.sale.lots[0], floor.sale.sale_id
    address = f"/manage/sales/{sale}/bid?lot={lot}&client={floor.sale.bidders[2][0]}"
    form = {"lot_id": str(lot), "client_id": str(floor.sale.bidders[2][0]), "maximum": "45"}
    token = next(
        str(attributes["value"])
        for tag, attributes in clerk.visitor.page(address).tags
        if tag == "input" and attributes.get("name") == "token"
    )
    answer = clerk.post(
        f"/manage/sales/{sale}/bid", {**form, "token": token, "confirmed": "yes"}, page=address
    )
    assert answer.status_code == 302, answer.text
    assert floor.state().bid_count == 1
    page = clerk.visitor.page(f"/manage/lots/{lot}/bids")
    assert "under seal" in page.text
    cancel = f"/manage/lots/{lot}/bids/2/cancel"
    assert "taken out unread" in clerk.visitor.page(cancel).text
    assert clerk.post(cancel, {"reason": "Wrong lot", "notice": ""}).status_code == 302
    assert floor.state().bid_count == 0
    assert make_member(database, oak).id


def test_terms_of_sealed_bids_are_kept_and_shown_again(clerk: Desk, floor: Floor) -> None:
    page = clerk.visitor.page(f"/manage/sales/{floor.sale.sale_id}/terms").text
    assert "sealed bids: the highest buys and pays its own bid" in page
    assert "The bids are opened:" in page, "worked out with these terms"
