"""A falling clock on the pages: taken with one press, without a script; for staff, its terms."""

from datetime import timedelta
from typing import Any

import pytest
from wsgi import build_application

from auctionhouse.catalogue.models import Lot
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories import catalogue as make
from factories.desks import Desk
from factories.floor import Floor, make_floor
from factories.people import sign_in_bidder
from factories.visitors import Visitor, visit

PATH = "/sales/{}/lots/1"
LASTS = timedelta(minutes=9)


def clock_floor(database: Database, house: House, *, minutes: float = 3.5, **more: Any) -> Floor:
    """Return a lot whose clock shows £60, as it has run for three minutes and a half."""
    terms = {
        "format": "dutch", "clock": {"start": 9000, "step": 1000, "every_s": 60},
        **more.pop("terms", {}),
    }  # fmt: skip
    return make_floor(
        database, house, terms=terms, lasts=LASTS - timedelta(minutes=minutes),
        started=timedelta(hours=1), **more,
    )  # fmt: skip


@pytest.fixture
def lot(work: HouseSession) -> Lot:
    sale = make.make_sale(work, lots=1)
    made: Lot = work.query(Lot).filter_by(sale_id=sale.id).one()
    made.opening, made.reserve = 1000, None
    work.commit()
    return made


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


def hidden(visitor: Visitor, path: str, *names: str) -> dict[str, str]:
    """Return hidden fields of a page's form by their names."""
    found: dict[str, str] = {}
    for tag, attributes in visitor.page(path).tags:
        if tag == "input" and attributes.get("name") in names:
            found.setdefault(str(attributes["name"]), str(attributes.get("value", "")))
    return found


def test_one_press_takes_the_lot_and_a_second_one_nothing(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = clock_floor(database, oak)
    path = PATH.format(floor.reference)
    ada, ben = (sign_in_bidder(web, settings, floor, number) for number in (0, 1))
    page = ada.page(path).text
    assert "The clock shows £60" in page
    assert "Take it at £60" in page
    assert "The price falls from £90 by £10 every 60 seconds, down to £10." in page
    assert "it shows the clock as it stood" in page, "for who has no script"
    form = hidden(ada, path, "csrf_token", "token", "maximum")
    assert form["maximum"] == "60.00"
    theirs = hidden(ben, path, "csrf_token", "token", "maximum")
    assert theirs["token"] != form["token"]
    assert ada.post(f"{path}/bid", form).status_code == 303
    assert "It is yours, at £60." in ada.page(path).text
    assert ada.post(f"{path}/bid", form).status_code == 303, "the same press, once more"
    late = ben.post(f"{path}/bid", theirs)
    assert (late.status_code, "Bidding on this lot has closed." in late.text) == (409, True)
    assert "Sold for £60" in ben.page(path).text
    assert floor.state().bid_count == 1
    assert "Won 1" in ada.page("/me/bids").text
    assert "You bought the lot for £60" in ada.get(f"{path}/receipts").text


def test_pieces_are_taken_and_what_is_left_is_told(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = clock_floor(database, oak, terms={"bid_for": "piece"}, quantity=12)
    path = PATH.format(floor.reference)
    ada = sign_in_bidder(web, settings, floor, 0)
    form = hidden(ada, path, "csrf_token", "token", "maximum")
    many = ada.post(f"{path}/bid", {**form, "pieces": "13"})
    assert (many.status_code, "whole number from 1 to 12" in many.text) == (422, True)
    assert 'value="13"' in many.text, "what was typed stays"
    assert ada.post(f"{path}/bid", {**form, "pieces": "5"}).status_code == 303
    page = ada.page(path).text
    assert "7 of 12 left" in page
    assert "5 pieces for £60 each: £300." in page
    mine = ada.page("/me/bids").text
    assert "5 pieces for you, at £60 each £300" in mine
    assert "Your maximum" not in mine
    assert "You bought 5 pieces for £60 each" in ada.get(f"{path}/receipts").text
    catalogue = visit(web, settings, oak).page(f"/sales/{floor.reference}/").text
    assert "Lowest price of its clock £10 each · 7 of 12 pieces left" in catalogue


def test_before_it_runs_the_clock_says_when_and_takes_nothing(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    floor = clock_floor(database, oak, minutes=-5)
    path = PATH.format(floor.reference)
    ada = sign_in_bidder(web, settings, floor, 0)
    page = ada.page(path).text
    assert "The clock starts at £90" in page
    assert "It begins to fall" in page
    form = hidden(ada, path, "csrf_token", "token", "maximum")
    early = ada.post(f"{path}/bid", form)
    assert (early.status_code, "does not run yet" in early.text) == (409, True)


def typed(form: dict[str, str], **more: str) -> dict[str, str]:
    return {**form, "format": "dutch", "clock_start": "90", "clock_step": "10",
            "clock_every": "60", **more}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"clock_step": "90"}, "fall to zero or below"),
        ({"clock_step": "0"}, "must fall by more than nothing"),
        ({"clock_start": "10", "clock_step": "5"}, "must start above the opening price"),
        ({"clock_start": "95", "clock_step": "90"}, "fall below the opening price"),
        ({"clock_start": ""}, "Give the price the clock starts at"),
        ({"clock_every": "0"}, "after one second at least"),
        ({"clock_step": "0.01"}, "would take 8000 steps"),
    ],
)
def test_a_clock_nobody_could_sell_by_is_refused_at_its_field_with_all_that_was_typed(
    clerk: Desk, lot: Lot, wrong: dict[str, str], said: str
) -> None:
    path = f"/manage/lots/{lot.id}/terms"
    form = hidden(clerk.visitor, path, "csrf_token", "version")
    answer = clerk.visitor.post(path, typed(form, **wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    for value in typed({}, **wrong).values():
        assert f'value="{value}"' in answer.text


def test_the_terms_are_kept_and_explained_by_figures(clerk: Desk, lot: Lot) -> None:
    path = f"/manage/lots/{lot.id}/terms"
    form = hidden(clerk.visitor, path, "csrf_token", "version")
    looked = clerk.visitor.post(path, typed(form, do="look"))
    assert "the clock runs for 540 seconds, in 8 steps" in looked.text
    assert "The clock shows £50: Ann takes" in looked.text
    assert clerk.visitor.post(path, typed(form)).status_code == 302
    assert 'value="90.00"' in clerk.visitor.get(path).text
    tried = clerk.visitor.page(f"/manage/simulator?terms=lot:{lot.id}").text
    assert "The clock shows £10: Cleo takes the lot." in tried, "in pounds, as the terms have it"


def test_staff_take_for_a_client_and_cannot_cancel_what_is_sold(
    database: Database, oak: House, clerk: Desk
) -> None:
    floor = clock_floor(database, oak, terms={"bid_for": "piece"}, quantity=12)
    path = f"/manage/sales/{floor.sale.sale_id}/bid"
    told = {
        **hidden(clerk.visitor, path, "csrf_token", "token"), "lot_id": str(floor.sale.lots[0]),
        "client_id": str(floor.sale.bidders[0][0]), "maximum": "70", "pieces": "4",
    }  # fmt: skip
    assert "In all, 4 pieces" in clerk.visitor.post(path, told).text
    assert clerk.visitor.post(path, {**told, "confirmed": "yes"}).status_code == 302
    listed = clerk.visitor.page(f"/manage/lots/{floor.sale.lots[0]}/bids")
    assert "£60 × 4" in listed.text
    assert not [link for link in listed.links() if link.endswith("/cancel")]
