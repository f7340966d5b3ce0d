"""Bidders' pages: far bids confirmed, bids taken back, limits and linked lots."""

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
from factories.visitors import Visitor

Bidder = Callable[[int], Visitor]
TERMS: dict[str, Any] = {"increments": [[0, 1000]], "soft_close": None, "retraction": "allowed"}
JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Three lots that open at £10 and end in two days."""
    return make_floor(database, oak, lots=3, terms=TERMS, lasts=timedelta(days=2))


@pytest.fixture
def bidder(web: Application, settings: Settings, floor: Floor) -> Bidder:
    """Open the browser of a numbered bidder of the floor."""
    return lambda number: sign_in_bidder(web, settings, floor, number)


def lot(floor: Floor, number: int = 1) -> str:
    return f"/sales/{floor.reference}/lots/{number}"


def asked(visitor: Visitor, path: str, maximum: str) -> dict[str, str]:
    """Ask for the confirmation and return its form."""
    page = visitor.page(f"{path}/bid?maximum={maximum}")
    return {
        tag["name"]: tag["value"] for name, tag in page.tags if name == "input" and "name" in tag
    }


def test_a_bid_far_above_is_asked_about_in_words_and_goes_through_once_meant(
    floor: Floor, bidder: Bidder
) -> None:
    ada = bidder(0)
    page = ada.page(f"{lot(floor)}/bid?maximum=2500").text
    assert "In words: two thousand five hundred British pounds." in page
    assert "£2,500 is far above the next bid of £10." in page
    form = asked(ada, lot(floor), "2500")
    answer = ada.post(f"{lot(floor)}/bid", form)
    assert answer.status_code == 303
    assert floor.entries() == ["opened", "bid"]


def test_an_ordinary_bid_is_not_asked_about(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    assert "In words" not in ada.page(f"{lot(floor)}/bid?maximum=40").text
    form = asked(ada, lot(floor), "40")
    assert "confirmed" not in form
    assert ada.post(f"{lot(floor)}/bid", form).status_code == 303


def test_the_flag_of_one_amount_is_worth_nothing_for_another(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    form = asked(ada, lot(floor), "2500")
    wrong = [
        {**form, "maximum": "25000"},
        {**form, "confirmed": ""},
        {**form, "confirmed": form["confirmed"] + "x"},
    ]
    for sent in wrong:
        answer = ada.post(f"{lot(floor)}/bid", sent)
        assert answer.status_code == 409
        assert 'id="confirmation"' in answer.text
    answer = ada.post(f"{lot(floor, 2)}/bid", form)
    assert answer.status_code == 409
    assert floor.entries() == floor.entries(1) == ["opened"]


def test_a_script_is_asked_too_and_sends_the_flag_back(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    token = asked(ada, lot(floor), "10")["csrf_token"]
    form = {"csrf_token": token, "maximum": "2500", "token": str(uuid4())}
    first = ada.post(f"{lot(floor)}/bid", form, **JSON)
    told: Any = first.json
    assert (first.status_code, told["error"]) == (409, "confirmation_needed")
    assert told["words"] == "two thousand five hundred British pounds"
    again = ada.post(f"{lot(floor)}/bid", {**form, "confirmed": told["confirmed"]}, **JSON)
    answer: Any = again.json
    assert (again.status_code, answer["outcome"]) == (200, "leading")


def test_a_flag_is_never_anothers(floor: Floor, bidder: Bidder) -> None:
    form = asked(bidder(0), lot(floor), "2500")
    ben = bidder(1)
    token = asked(ben, lot(floor), "10")["csrf_token"]
    answer = ben.post(f"{lot(floor)}/bid", {**form, "csrf_token": token})
    assert answer.status_code == 409


def test_a_bidder_takes_a_bid_back(floor: Floor, bidder: Bidder) -> None:
    floor.bid(1, 2000)
    floor.bid(0, 5000)
    ada, path = bidder(0), f"{lot(floor)}/retract"
    assert path in ada.page(lot(floor)).links()
    page = ada.page(path)
    sequence = next(tag["value"] for name, tag in page.tags if tag.get("name") == "sequence")
    empty = ada.submit(path, {"sequence": sequence, "reason": "", "act": "retract"})
    assert empty.status_code == 422
    done = ada.submit(path, {"sequence": sequence, "reason": "Typed 50 for 5", "act": "retract"})
    assert done.status_code == 303
    assert floor.state().leader_client_id == floor.sale.bidders[1][0]
    assert "no longer counts" in ada.page(f"{lot(floor)}/history").text
    assert "Typed 50" not in ada.page(f"{lot(floor)}/history").text
    assert lot(floor) not in ada.page("/me/bids").links()
    assert "You have no standing bid" in ada.page(path).text


def test_nobody_takes_anothers_bid_back(floor: Floor, bidder: Bidder) -> None:
    sequence = floor.bid(1, 2000).sequence
    floor.bid(0, 5000)
    ada, path = bidder(0), f"{lot(floor)}/retract"
    form = {"sequence": str(sequence), "reason": "His, not mine", "act": "retract"}
    answer = ada.submit(path, form)
    assert answer.status_code == 422
    assert "This is not a standing bid of yours" in answer.text
    for nonsense in ("", "x", "９", "9" * 30):
        assert ada.submit(path, {**form, "sequence": nonsense}).status_code == 422
    assert "retraction" not in floor.entries()


def test_who_leads_lowers_the_maximum(floor: Floor, bidder: Bidder) -> None:
    floor.bid(0, 5000)
    ada, path = bidder(0), f"{lot(floor)}/retract"
    assert "Lower my maximum to £10" in ada.page(path).text
    form = {"sequence": "2", "reason": "Spent elsewhere", "act": "lower"}
    assert ada.submit(path, form).status_code == 303
    assert "Your maximum is £10." in ada.page(lot(floor)).text
    assert floor.bid(1, 2000).you_lead


def test_a_sale_without_retraction_says_so(
    web: Application, settings: Settings, database: Database, oak: House
) -> None:
    terms = {**TERMS, "retraction": "never"}
    floor = make_floor(database, oak, terms=terms)
    floor.bid(0, 5000)
    ada = sign_in_bidder(web, settings, floor, 0)
    assert f"{lot(floor)}/retract" not in ada.page(lot(floor)).links()
    page = ada.page(f"{lot(floor)}/retract")
    assert "Bids are binding and not taken back." in page.text
    assert "reason" not in [tag.get("name") for name, tag in page.tags if name == "input"]


def test_a_bidder_sets_a_sum_and_a_choice(floor: Floor, bidder: Bidder) -> None:
    ada, path = bidder(0), f"/me/limits/{floor.reference}"
    assert path in ada.page(lot(floor)).links()
    assert ada.submit(path, {"spending": "60", "choices": "1, 2\n"}).status_code == 303
    page = ada.get(path).text
    assert "1, 2</textarea>" in page
    assert 'value="60.00"' in page
    floor.bid(0, 4000)
    answer = ada.post(f"{lot(floor, 2)}/bid", asked(ada, lot(floor, 2), "20"))
    assert answer.status_code == 409
    assert "You want only one of these lots and have lot 1." in answer.text
    answer = ada.post(f"{lot(floor, 3)}/bid", asked(ada, lot(floor, 3), "30"))
    assert "Your own limit for this sale is £60 in all, and £20 of it is left." in answer.text
    assert "£20" in ada.page(path).text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"spending": "ten"}, "Type the amount as a number"),
        ({"spending": "0"}, "Type the amount as a number"),
        ({"choices": "1"}, "Write at least two lot numbers"),
        ({"choices": "1, 99"}, "1, 99"),
        ({"choices": "1, 2\n2, 3"}, "2, 3"),
        ({"spending": "30"}, "You lead or bought lots for up to £40 already"),
    ],
)
def test_limits_that_cannot_be_are_said_beside_what_was_typed(
    floor: Floor, bidder: Bidder, form: dict[str, str], said: str
) -> None:
    floor.bid(0, 4000)
    answer = bidder(0).submit(f"/me/limits/{floor.reference}", {"spending": "", **form})
    assert answer.status_code == 422
    assert said in answer.text


def test_limits_are_for_the_registered(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    floor.run("DELETE FROM registration WHERE client_id = :c", c=floor.sale.bidders[0][0])
    answer = ada.get(f"/me/limits/{floor.reference}")
    assert answer.headers["Location"].startswith(f"/sales/{floor.reference}/register")
