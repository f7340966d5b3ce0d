"""Bidders' pages about offers: making one, answering the house, and what is sold after the sale."""

from collections.abc import Callable
from typing import Any

import pytest

from auctionhouse.bidding.closing import close_due
from auctionhouse.catalogue.operations import publish_conditions
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.floor import Floor, make_floor
from factories.offers import Haggle
from factories.people import sign_in_bidder
from factories.visitors import Visitor, make_member, visit

Bidder = Callable[[int], Visitor]
TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "offers": "every_lot", "conditional_share": 90,
}  # fmt: skip
FIELD = 'id="offer-amount"'


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """Three lots open to offers, had at once for £500."""
    return make_floor(database, oak, lots=3, terms=TERMS, buy_now=50_000)


@pytest.fixture
def bidder(web: Application, settings: Settings, floor: Floor) -> Bidder:
    """Open the browser of a numbered bidder of the floor."""
    return lambda number: sign_in_bidder(web, settings, floor, number)


def lot(floor: Floor, number: int = 1) -> str:
    return f"/sales/{floor.reference}/lots/{number}"


def typed(visitor: Visitor, path: str) -> dict[str, str]:
    """Return what the first form of a page would send."""
    page = visitor.page(path)
    return {
        tag["name"]: tag.get("value", "")
        for name, tag in page.tags
        if name == "input" and "name" in tag
    }


def offer(visitor: Visitor, floor: Floor, amount: str, number: int = 1) -> Any:
    path = f"{lot(floor, number)}/offer"
    return visitor.post(path, typed(visitor, f"{path}?amount={amount}"))


def latest(floor: Floor) -> int:
    with floor.database.house_connection(floor.house) as connection:
        found: int = connection.exec_driver_sql("SELECT max(id) FROM lot_offer").scalar_one()
    return found


def answer(visitor: Visitor, offer_id: int, act: str, **more: str) -> Any:
    path = f"/me/offers/{offer_id}"
    return visitor.post(f"{path}/{act}", {**typed(visitor, path), **more})


def test_an_offer_is_confirmed_with_its_whole_cost_and_then_with_the_house(
    floor: Floor, bidder: Bidder, web: Application, settings: Settings
) -> None:
    ada, stranger = bidder(0), visit(web, settings, floor.house)
    assert FIELD in ada.get(lot(floor)).text
    assert "looks at offers" in stranger.page(lot(floor)).text
    asked = ada.page(f"{lot(floor)}/offer?amount=321").text
    assert "All in, if it is accepted" in asked
    assert "binding for 48 hours" in asked
    assert offer(ada, floor, "321").status_code == 303
    shown = ada.page(lot(floor)).text
    assert "Your offer of £321 is with the house" in shown
    assert FIELD not in ada.get(lot(floor)).text
    assert "£321" in ada.page("/me/offers").text
    assert "My offers" in ada.page("/me/bids").text
    for page in (lot(floor), f"{lot(floor)}/history", f"/sales/{floor.reference}/"):
        assert "£321" not in stranger.page(page).text
        assert "£321" not in bidder(1).page(page).text


@pytest.mark.parametrize(
    ("amount", "complaint"),
    [("500", "You can have this lot at once for £500"), ("0", "Type the amount"),
     ("", "Type the amount"), ("-3", "Type the amount"), ("lots", "Type the amount")],
)  # fmt: skip
def test_a_wrong_amount_is_said_at_its_field(
    floor: Floor, bidder: Bidder, amount: str, complaint: str
) -> None:
    answered = bidder(0).get(f"{lot(floor)}/offer?amount={amount}")
    assert answered.status_code == 422
    assert complaint in answered.text
    assert f'value="{amount}" aria-describedby="offer-help offer-error"' in answered.text


def test_a_refusal_while_placing_keeps_what_was_typed(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    form = typed(ada, f"{lot(floor)}/offer?amount=200")
    floor.bid(1, 2000)
    refused = ada.post(f"{lot(floor)}/offer", form)
    assert refused.status_code == 409
    assert "so offers on it are over" in refused.text
    assert ada.post(f"{lot(floor, 2)}/offer", {**form, "token": "x"}).status_code == 422


def test_an_amount_far_above_is_asked_once_more(floor: Floor, bidder: Bidder) -> None:
    ada = bidder(0)
    page = ada.page(f"{lot(floor)}/offer?amount=499")
    assert "In words: four hundred and ninety-nine" in page.text
    form = typed(ada, f"{lot(floor)}/offer?amount=499")
    assert form["confirmed"]
    again = ada.post(f"{lot(floor)}/offer", {**form, "confirmed": ""})
    assert again.status_code == 409
    assert "Is this amount right?" in again.text
    assert ada.post(f"{lot(floor)}/offer", form).status_code == 303


def test_the_house_counters_and_the_bidder_answers(floor: Floor, bidder: Bidder) -> None:
    ada, haggle = bidder(0), Haggle(floor)
    offer(ada, floor, "300")
    number = latest(floor)
    haggle.house(number, "counter", counter=40_000, hours=5)
    assert "The house answers your offer with £400" in ada.page(lot(floor)).text
    assert "1 to answer" in ada.page("/me/bids").text
    page = ada.page(f"/me/offers/{number}")
    assert "Buy for £400" in page.text
    assert "All in" in page.text
    low = answer(ada, number, "counter", counter="450")
    assert (low.status_code, "Offer less than £400" in low.text) == (422, True)
    assert 'value="450"' in low.text
    stale = answer(ada, number, "accept", amount="390.00")
    assert (stale.status_code, "has moved on" in stale.text) == (422, True)
    assert answer(ada, number, "counter", counter="350").status_code == 303
    haggle.house(number, "counter", counter=36_000, hours=5)
    form = typed(ada, f"/me/offers/{number}")
    for _press in range(2):
        assert ada.post(f"/me/offers/{number}/accept", form).status_code == 303
    assert "You bought the lot for £360" in ada.page("/me/offers").text
    steps = ada.page(f"/me/offers/{number}").text
    assert "You counter" in steps
    assert "The house counters" in steps
    assert floor.entries() == ["opened", "agreement"]
    assert "agreed on £360: sold" in ada.page(f"{lot(floor)}/history").text


def test_offers_are_withdrawn_and_declined(floor: Floor, bidder: Bidder) -> None:
    ada, haggle = bidder(0), Haggle(floor)
    offer(ada, floor, "300")
    assert answer(ada, latest(floor), "withdraw").status_code == 303
    assert FIELD in ada.get(lot(floor)).text
    offer(ada, floor, "310")
    form = typed(ada, f"/me/offers/{latest(floor)}")
    haggle.house(latest(floor), "decline")
    assert "Your last offer, £310, was declined" in ada.page(lot(floor)).text
    assert "declined" in ada.page("/me/offers").text
    gone = ada.post(f"/me/offers/{latest(floor)}/withdraw", form)
    assert (gone.status_code, "has moved on" in gone.text) == (422, True)


def test_that_a_bound_answered_is_not_told(
    database: Database, floor: Floor, bidder: Bidder
) -> None:
    """Neither the steps nor anything else say whether a person or the lot's bound declined."""
    floor.run("UPDATE lot SET offer_decline_below = 20000 WHERE id = :lot", lot=floor.sale.lots[0])
    ada = bidder(0)
    assert offer(ada, floor, "100").status_code == 303
    page = ada.page(f"/me/offers/{latest(floor)}").text
    assert "The house declines" in page
    assert "bound" not in page
    assert "£200" not in ada.page(lot(floor)).text


def test_ones_offers_are_nobody_elses(
    floor: Floor, bidder: Bidder, web: Application, settings: Settings
) -> None:
    offer(bidder(0), floor, "300")
    number = latest(floor)
    ben = bidder(1)
    assert ben.get(f"/me/offers/{number}").status_code == 404
    assert ben.get("/me/offers/999999999").status_code == 404
    assert "No offers yet" in ben.page("/me/offers").text
    token = typed(ben, f"{lot(floor)}/offer?amount=200")["csrf_token"]
    forged = {"csrf_token": token, "amount": "300.00"}
    assert ben.post(f"/me/offers/{number}/withdraw", forged).status_code == 404
    stranger = visit(web, settings, floor.house)
    assert stranger.get(f"/me/offers/{number}").status_code in {302, 401}


def test_a_lot_near_its_reserve_is_told_in_words(
    database: Database, oak: House, web: Application, settings: Settings
) -> None:
    floor = make_floor(database, oak, terms=TERMS, reserve=50_000)
    floor.bid(0, 44_000)
    floor.bid(1, 45_000)
    ada, ben = (sign_in_bidder(web, settings, floor, number) for number in (0, 1))
    assert "the seller may accept the highest bid within 72 hours" in ben.page(lot(floor)).text
    floor.end()
    close_due(database, oak)
    shown = ben.page(lot(floor)).text
    assert "Subject to the seller’s consent" in shown
    assert "if the seller accepts by" in shown
    assert "With the seller" in ben.page("/me/bids").text
    assert "Not won" in ada.page("/me/bids").text
    haggle = Haggle(floor)
    assert haggle.house(latest(floor), "accept") == "accepted"
    assert "Won" in ben.page("/me/bids").text
    assert "Sold for" in ada.page(lot(floor)).text


def test_what_was_not_sold_is_had_at_a_price_even_by_who_registers_then(
    database: Database, oak: House, web: Application, settings: Settings
) -> None:
    floor = make_floor(database, oak, lots=2, terms=TERMS, reserve=90_000)
    with database.house_session(oak) as session, session.begin():
        ours = publish_conditions(session, "Ours", "Pay.", actor=None).id
    floor.run(
        "UPDATE sale SET conditions_id = :c, next_paddle = 100 WHERE id = :s",
        c=ours,
        s=floor.sale.sale_id,
    )
    floor.end()
    close_due(database, oak)
    register = f"/sales/{floor.reference}/register"
    late = visit(web, settings, oak)
    late.sign_in(make_member(database, oak))
    assert "takes no registrations" in late.page(register).text
    Haggle(floor).everybody(70_000)
    stranger = visit(web, settings, oak)
    for page in (lot(floor), f"/sales/{floor.reference}/"):
        assert "£700" in stranger.page(page).text
    assert "Register for this sale" in late.page(lot(floor)).text
    form = typed(late, register)
    assert late.post(register, {**form, "accepted": "y"}).status_code in {302, 303}
    assert "Buy for £700" in late.page(lot(floor)).text
    bought = late.post(f"{lot(floor)}/buy", typed(late, f"{lot(floor)}/buy"))
    assert bought.status_code == 303
    assert "You bought this lot for £700" in late.page(lot(floor)).text
    assert floor.entries() == ["opened", "unsold", "after_sale", "purchase"]
    later = visit(web, settings, oak)
    later.sign_in(make_member(database, oak))
    assert "takes no registrations" in later.page(register).text


def test_an_underbidder_answers_the_house(
    database: Database, oak: House, web: Application, settings: Settings
) -> None:
    floor = make_floor(database, oak, terms={**TERMS, "conditional_share": 0}, reserve=90_000)
    floor.bid(0, 20_000)
    floor.bid(1, 30_000)
    floor.end()
    close_due(database, oak)
    haggle = Haggle(floor)
    first, second = haggle.underbidders()
    ada, ben = (sign_in_bidder(web, settings, floor, number) for number in (0, 1))
    assert "No offers yet" in ada.page("/me/offers").text, "it is not her turn yet"
    assert ada.get(f"/me/offers/{second}").status_code == 404
    assert "The house offers you this lot for £210" in ben.page(lot(floor)).text
    assert answer(ben, first, "decline").status_code == 303
    page = ada.get(f"/me/offers/{second}").text
    assert "Buy for £200" in page
    assert "The house offers" in page
    assert page.count("<tr>") == 2, "that she waited in line is not told"
    assert answer(ada, second, "accept").status_code == 303
    assert "Won" in ada.page("/me/bids").text
    assert "Not won" in ben.page("/me/bids").text
