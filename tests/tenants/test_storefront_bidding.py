"""Bidding through the pages, without a script: ask, confirm, place; refusals beside the field."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from wsgi import build_application

from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.pages import Page
from factories.sales import OpenSale, end_lots_now, make_open_sale
from factories.visitors import Person, Visitor, make_member, visit

TERMS = {"increments": [[0, 1000]], "soft_close": None}


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@contextmanager
def at(database: Database, house: House) -> Iterator[Session]:
    with database.house_session(house) as session, session.begin():
        yield session


@pytest.fixture
def sale(database: Database, oak: House) -> tuple[OpenSale, str]:
    """A running sale of one lot that opens at £100 in steps of £10, and the lot's path."""
    reference = f"bids-{secrets.token_hex(4)}"
    with at(database, oak) as session:
        made = make_open_sale(session, reference=reference, opening=10000, terms=TERMS)
    return made, f"/sales/{reference}/lots/1"


def registered(
    web: Application, settings: Settings, database: Database, house: House, sale: OpenSale,
    state: str = "approved",
) -> Visitor:  # fmt: skip
    """Open a browser of a new member who is registered for the sale and signed in."""
    person = make_member(database, house)
    with at(database, house) as session:
        client = session.execute(
            text("SELECT id FROM client WHERE member_id = :m"), {"m": person.id}
        ).scalar_one()
        paddle = secrets.randbelow(10**6) + 1000 if state == "approved" else None
        session.add(
            Registration(sale_id=sale.sale_id, client_id=client, state=state, paddle=paddle)
        )
    return signed_in(web, settings, house, person)


def signed_in(web: Application, settings: Settings, house: House, person: Person) -> Visitor:
    visitor = visit(web, settings, house)
    visitor.sign_in(person)
    return visitor


def confirmed(visitor: Visitor, path: str, maximum: str) -> dict[str, str]:
    """Ask for the confirmation and return its form."""
    page = visitor.page(f"{path}/bid?maximum={maximum}")
    return {
        tag["name"]: tag["value"] for name, tag in page.tags if name == "input" and "name" in tag
    }


def standing(visitor: Visitor, path: str) -> str:
    """Return what the lot's panel says of the reader's own bid."""
    panel = visitor.get(path).text.partition('class="bid-mine"')[2].partition("</p>")[0]
    return panel.partition('class="state-word">')[2].partition("<")[0]


def price_of(database: Database, house: House, sale: OpenSale) -> tuple[int | None, int]:
    with at(database, house) as session:
        row = session.execute(
            text("SELECT price, bid_count FROM lot_state WHERE lot_id = :l"), {"l": sale.lots[0]}
        ).one()
    return row.price, row.bid_count


def test_a_stranger_is_asked_to_sign_in_and_comes_back(
    web: Application, settings: Settings, oak: House, sale: tuple[OpenSale, str]
) -> None:
    visitor = visit(web, settings, oak)
    assert f"/sign-in?next={sale[1]}" in visitor.page(sale[1]).links()
    asked = visitor.get(f"{sale[1]}/bid?maximum=100")
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith("/sign-in?next=")


def test_a_member_is_told_what_is_missing(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    newcomer = signed_in(web, settings, oak, make_member(database, oak))
    assert "Not registered for this sale" in newcomer.page(path).text
    for state, words in (
        ("pending", "Your registration is being checked"),
        ("declined", "You cannot bid in this sale"),
        ("suspended", "You cannot bid in this sale"),
    ):
        visitor = registered(web, settings, database, oak, made, state)
        page = visitor.page(path)
        assert words in page.text
        assert "data-bid-button" not in dict(page.tags).get("button", {})
        assert visitor.get(f"{path}/bid?maximum=100").headers["Location"] == path


def test_a_bid_is_confirmed_with_its_total_and_then_placed_once(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    with at(database, oak) as session:
        session.execute(
            text("UPDATE sale SET premium_percent = 20 WHERE id = :i"), {"i": made.sale_id}
        )
    visitor = registered(web, settings, database, oak, made)
    assert "Bid £100" in visitor.page(path).text
    page = visitor.page(f"{path}/bid?maximum=250")
    assert all(amount in page.text for amount in ("£250", "£50", "£300", "Place bid: £250"))
    form = confirmed(visitor, path, "250")
    assert price_of(database, oak, made) == (None, 0)
    for _ in range(2):
        placed = visitor.post(f"{path}/bid", form)
        assert placed.status_code == 303
        assert placed.headers["Location"] == f"{path}#bid-panel"
    assert price_of(database, oak, made) == (10000, 1)
    shown = visitor.get(path)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "You lead at £100" in shown.text
    assert "Your maximum is £250" in shown.text
    assert "You lead at" not in visitor.page(path).text


def test_two_bidders_see_who_leads(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    ada, bob = (registered(web, settings, database, oak, made) for _ in range(2))
    ada.post(f"{path}/bid", confirmed(ada, path, "300"))
    bob.post(f"{path}/bid", confirmed(bob, path, "200"))
    assert "another bidder’s maximum is higher" in bob.page(path).text
    assert [standing(visitor, path) for visitor in (ada, bob)] == ["You lead", "Outbid"]
    assert standing(visit(web, settings, oak), path) == ""
    assert "Bid £220" in bob.page("/me/bids").text
    assert "New maximum for lot 1" in ada.page("/me/bids").text
    assert "Why this price" in bob.page(f"{path}/history").text


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 422, "Type the amount"),
        ("abc", 422, "Type the amount"),
        ("-100", 422, "Type the amount"),
        ("1e5", 422, "Type the amount"),
        ("١٠٠", 422, "Type the amount"),
        ("10.001", 422, "Type the amount"),
        ("1000000000000000000", 422, "Type the amount"),
        ("€500", 422, "Type the amount"),
        ("99.99", 409, "The next bid is £100"),
    ],
)
def test_a_wrong_amount_stays_in_its_field_beside_the_reason(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str], typed: str, status: int, said: str,
) -> None:  # fmt: skip
    made, path = sale
    visitor = registered(web, settings, database, oak, made)
    answers = [visitor.get(f"{path}/bid", query_string={"maximum": typed})]
    form = confirmed(visitor, path, "100")
    answers.append(visitor.post(f"{path}/bid", {**form, "maximum": typed}))
    for answer in answers:
        page = Page(answer.text)
        field = next(tag for name, tag in page.tags if tag.get("id") == "maximum")
        assert answer.status_code == status
        assert said in page.text
        assert (field["value"], field["aria-invalid"]) == (typed, "true")
    assert price_of(database, oak, made) == (None, 0)


def test_a_token_used_for_another_amount_is_refused(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    visitor = registered(web, settings, database, oak, made)
    form = confirmed(visitor, path, "150")
    assert visitor.post(f"{path}/bid", form).status_code == 303
    assert visitor.post(f"{path}/bid", {**form, "maximum": "500"}).status_code == 409
    assert visitor.post(f"{path}/bid", {**form, "token": "x"}).status_code == 422
    assert price_of(database, oak, made) == (10000, 1)


def test_a_form_from_elsewhere_places_nothing(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    visitor = registered(web, settings, database, oak, made)
    form = {**confirmed(visitor, path, "150"), "csrf_token": ""}
    assert visitor.post(f"{path}/bid", form).status_code == 400
    assert price_of(database, oak, made) == (None, 0)


def test_a_bid_after_the_end_is_refused_though_the_lot_is_not_closed_yet(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    visitor = registered(web, settings, database, oak, made)
    form = confirmed(visitor, path, "150")
    with at(database, oak) as session:
        end_lots_now(session, made.sale_id)
    answer = visitor.post(f"{path}/bid", form)
    assert answer.status_code == 409
    assert "arrived too late" in answer.text
    assert price_of(database, oak, made) == (None, 0)


def test_a_script_gets_the_answer_as_json(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> None:  # fmt: skip
    made, path = sale
    visitor = registered(web, settings, database, oak, made)
    form = confirmed(visitor, path, "150")
    asked = {"headers": {"Accept": "application/json"}}
    placed = visitor.post(f"{path}/bid", form, **asked)
    receipt = f"/me/receipts/{made.lots[0]}/2"
    told = {"outcome": "leading", "price": 10000, "asking": 11000, "receipt": receipt}
    assert placed.json == told
    refused = visitor.post(f"{path}/bid", {**form, "token": "x"}, **asked)
    assert refused.json is not None
    assert (refused.status_code, refused.json["error"]) == (422, "token_missing")
