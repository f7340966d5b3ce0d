"""Scripts' bids beside Flask's dispatch: what is answered is what the page would have answered."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from wsgi import build_application

from auctionhouse.registrations.models import Registration
from auctionhouse.storefront import bid_door, door_keys
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.sales import OpenSale, make_open_sale
from factories.visitors import Visitor, make_member, visit

TERMS = {"increments": [[0, 1000]], "soft_close": None}
PATIENCE_SECONDS = 60
SCRIPT = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@contextmanager
def at(database: Database, house: House) -> Iterator[Session]:
    with database.house_session(house) as session, session.begin():
        yield session


class Bidder:
    """A signed-in member at one lot, whose bids are sent as a script does."""

    def __init__(self, visitor: Visitor, path: str, member: int) -> None:
        self.visitor, self.path, self.member = visitor, path, member
        self.token = visitor.page("/account/").token()

    def send(self, amount: str, headers: dict[str, str] | None = None, **form: str) -> TestResponse:
        fields = {"csrf_token": self.token, "maximum": amount, "token": str(uuid4())} | form
        return self.visitor.post(f"{self.path}/bid", fields, headers={**SCRIPT, **(headers or {})})

    def by_page(self, maximum: str, **form: str) -> TestResponse:
        """Send the same by a header the door does not know, so that Flask answers."""
        return self.send(maximum, {"Accept": "application/json, text/plain;q=0.1"}, **form)


@pytest.fixture
def sale(database: Database, oak: House) -> tuple[OpenSale, str]:
    reference = f"door-{secrets.token_hex(4)}"
    with at(database, oak) as session:
        made = make_open_sale(session, reference=reference, opening=10000, terms=TERMS, lots=2)
    return made, f"/sales/{reference}/lots/1"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every bid that the door answered itself."""
    through: list[str] = []
    real = bid_door.BidDoor._told

    def told(self: Any, *asked: Any) -> Any:
        answer = real(self, *asked)
        if answer is not None:
            through.append("door")
        return answer

    monkeypatch.setattr(bid_door.BidDoor, "_told", told)
    return through


def bidder(
    web: Application, settings: Settings, database: Database, house: House,
    sale: tuple[OpenSale, str], *, locale: str = "en", state: str = "approved",
) -> Bidder:  # fmt: skip
    person = make_member(database, house, locale=locale)
    with at(database, house) as session:
        client = session.execute(
            text("SELECT id FROM client WHERE member_id = :m"), {"m": person.id}
        ).scalar_one()
        session.add(Registration(sale_id=sale[0].sale_id, client_id=client, state=state,
                                 paddle=secrets.randbelow(10**6) + 1000))  # fmt: skip
    visitor = visit(web, settings, house)
    visitor.sign_in(person)
    return Bidder(visitor, sale[1], person.id)


@pytest.fixture
def ada(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> Bidder:  # fmt: skip
    return bidder(web, settings, database, oak, sale)


@pytest.fixture
def bob(
    web: Application, settings: Settings, database: Database, oak: House,
    sale: tuple[OpenSale, str],
) -> Bidder:  # fmt: skip
    return bidder(web, settings, database, oak, sale, locale="fr")


def shape(answer: TestResponse) -> tuple[int, dict[str, str], set[str]]:
    """Return what two answers of the same kind have in common."""
    own = {"X-Request-Id", "Content-Length", "Set-Cookie", "Retry-After"}
    headers = {name: value for name, value in answer.headers if name not in own}
    return answer.status_code, headers, set(answer.json or {})


def test_an_accepted_bid_is_answered_as_by_the_page(ada: Bidder, seen: list[str]) -> None:
    by_door = ada.send("200")
    assert seen == ["door"]
    by_page = ada.by_page("300")
    assert seen == ["door"]
    assert shape(by_door) == shape(by_page)
    assert by_door.json is not None
    assert by_page.json is not None
    assert {**by_door.json, "receipt": ""} == {**by_page.json, "receipt": ""}
    assert ada.visitor.get(by_door.json["receipt"]).status_code == 200


def test_a_refusal_is_answered_as_by_the_page_in_the_members_language(
    ada: Bidder, bob: Bidder, seen: list[str]
) -> None:
    for place, one in enumerate((ada, bob)):
        by_door, by_page = one.send("1"), one.by_page("1")
        assert seen == ["door"] * (place + 1)
        assert by_door.status_code == 409
        assert shape(by_door) == shape(by_page)
        assert by_door.json is not None
        assert by_page.json is not None
        assert by_door.json["message"] == by_page.json["message"]
        assert by_door.json["receipt"] != by_page.json["receipt"]
    english, french = ((one.send("1").json or {})["message"] for one in (ada, bob))
    assert english != french


def test_a_page_that_asks_is_told_in_its_readers_words(
    ada: Bidder, bob: Bidder, seen: list[str]
) -> None:
    """A lead, a raise and a bid that was passed at once, by the door and by the page."""
    told: dict[str, list[str]] = {}
    for way in ("send", "by_page"):
        for one, amounts in ((ada, ("300", "400")), (bob, ("200",))):
            for amount in amounts:
                more = {"send": 0, "by_page": 300}[way]
                answer = getattr(one, way)(str(int(amount) + more), words="1")
                assert answer.status_code == 200
                told.setdefault(way, []).append(re.sub(r"[0-9]+", "", answer.json["message"]))
    assert seen == ["door"] * 3
    raised, passed = told["send"][1:], told["by_page"][1:]
    assert raised == passed
    assert told["send"][0] == "Your bid is in. You lead at £."
    assert raised[0] == "Your maximum is raised. You still lead at £."
    assert raised[1].startswith("Votre enchère est reçue, mais")
    assert "message" not in (ada.send("900").json or {})


def test_a_repeated_token_is_one_bid(ada: Bidder, database: Database, oak: House) -> None:
    token = str(uuid4())
    assert [ada.send("200", token=token).status_code for _ in range(2)] == [200, 200]
    assert (ada.send("300", token=token).json or {})["error"] == "token_reused"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"csrf_token": "forged"}, 400, "form_expired"),
        ({"csrf_token": ""}, 400, "form_expired"),
        ({"token": "none"}, 422, "token_missing"),
        ({"maximum": "many"}, 422, "amount_invalid"),
        ({"maximum": ""}, 422, "amount_invalid"),
        ({"note": "\0"}, 422, "invalid"),
    ],
)
def test_what_is_not_plain_is_answered_by_the_page(
    ada: Bidder, seen: list[str], form: dict[str, str], status: int, error: str
) -> None:
    answer = ada.send(form.get("maximum", "200"), None, **form)
    assert (answer.status_code, (answer.json or {})["error"]) == (status, error)
    assert seen == []


def test_another_members_token_is_none(ada: Bidder, bob: Bidder, seen: list[str]) -> None:
    assert ada.send("200", csrf_token=bob.token).status_code == 400
    assert seen == []


def test_a_stranger_is_refused(ada: Bidder, web: Application, settings: Settings, oak: House,
                               seen: list[str]) -> None:  # fmt: skip
    stranger = visit(web, settings, oak)
    answer = stranger.post(f"{ada.path}/bid", {"maximum": "200"}, headers=SCRIPT)
    assert answer.status_code == 400
    assert seen == []


def test_a_lot_that_is_not_there_is_not_found(ada: Bidder) -> None:
    ada.path = ada.path.replace("/lots/1", "/lots/77")
    assert ada.send("200").status_code == 404
    ada.path = "/sales/nothing/lots/1"
    assert ada.send("200").status_code == 404


def test_a_browser_that_was_signed_out_bids_no_more(
    ada: Bidder, database: Database, oak: House, seen: list[str]
) -> None:
    """The door remembers signatures, never that somebody is signed in."""
    assert ada.send("200").status_code == 200
    with at(database, oak) as session:
        session.execute(
            text("UPDATE member_session SET revoked_at = now() WHERE member_id = :m"),
            {"m": ada.member},
        )
    assert ada.send("300").status_code in {400, 403}
    assert seen == ["door"]


def test_a_blocked_member_bids_no_more(ada: Bidder, database: Database, oak: House) -> None:
    assert ada.send("200").status_code == 200
    with at(database, oak) as session:
        session.execute(text("UPDATE member SET active = false WHERE id = :m"), {"m": ada.member})
    assert ada.send("300").status_code in {400, 403}


def test_a_browser_not_seen_for_a_while_is_noted_by_the_page(
    ada: Bidder, database: Database, oak: House, seen: list[str]
) -> None:
    with at(database, oak) as session:
        session.execute(
            text(
                "UPDATE member_session SET last_seen_at = now() - interval '1 hour'"
                " WHERE member_id = :m"
            ),
            {"m": ada.member},
        )
    assert [ada.send("200").status_code, ada.send("300").status_code] == [200, 200]
    assert seen == ["door"]


def test_a_lot_that_got_another_number_is_never_taken_for_the_one_meant(
    ada: Bidder, database: Database, oak: House, sale: tuple[OpenSale, str], seen: list[str]
) -> None:
    assert ada.send("200").status_code == 200
    with at(database, oak) as session:
        session.execute(
            text("UPDATE lot SET number = number + 40 WHERE sale_id = :s"), {"s": sale[0].sale_id}
        )
    assert ada.send("300").status_code == 404
    assert seen == ["door"]


def test_a_member_who_bids_too_often_must_wait(
    ada: Bidder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bid_door, "BIDS_A_MINUTE", "2/minute")
    assert [ada.send(amount).status_code for amount in ("200", "300", "400")] == [200, 200, 429]


def test_an_old_cookie_is_the_pages_affair(
    ada: Bidder, monkeypatch: pytest.MonkeyPatch, seen: list[str]
) -> None:
    assert ada.send("200").status_code == 200
    monkeypatch.setattr(
        "flask.Flask.permanent_session_lifetime", timedelta(seconds=-1), raising=False
    )
    assert ada.send("300").status_code == 400
    assert seen == ["door"]


@pytest.mark.parametrize(
    ("changed", "plain"),
    [
        ({}, True),
        ({"HTTP_REFERER": "https://elsewhere.example/"}, False),
        ({"HTTP_REFERER": ""}, False),
        ({"HTTP_ACCEPT": "text/html"}, False),
        ({"CONTENT_TYPE": "application/json"}, False),
        ({"CONTENT_LENGTH": "100000"}, False),
        ({"REQUEST_METHOD": "GET"}, False),
        ({"PATH_INFO": "/sales/a/lots/1"}, False),
    ],
)
def test_only_a_plain_request_of_the_houses_own_page_is_looked_at(
    changed: dict[str, str],
    plain: bool,  # noqa: FBT001 - a case of the table
) -> None:
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/sales/a/lots/1/bid", "CONTENT_LENGTH": "10",
        "HTTP_ACCEPT": "application/json", "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.url_scheme": "https", "HTTP_HOST": "oak.example",
        "HTTP_REFERER": "https://oak.example/sales/a/lots/1", **changed,
    }  # fmt: skip
    assert (door_keys.plain_bid(environ) is not None) == plain


def test_a_taking_at_a_clock_is_answered_as_by_the_page(
    web: Application, settings: Settings, database: Database, oak: House, seen: list[str]
) -> None:
    reference = f"door-{secrets.token_hex(4)}"
    terms = {
        "format": "dutch", "bid_for": "piece",
        "clock": {"start": 9000, "step": 1000, "every_s": 3600},
    }  # fmt: skip
    with at(database, oak) as session:
        made = make_open_sale(
            session, reference=reference, terms=terms, quantity=12, started=timedelta(hours=9),
            lasts=timedelta(hours=5.5),
        )  # fmt: skip
    ada = bidder(web, settings, database, oak, (made, f"/sales/{reference}/lots/1"))
    first, second = ada.send("90", pieces="2", words="1"), ada.by_page("90", pieces="2", words="1")
    assert seen == ["door"], "the second one is the page's"
    assert shape(first) == shape(second)
    told = [{**answer.get_json(), "receipt": ""} for answer in (first, second)]
    assert told[0] == told[1]
    assert (told[0]["outcome"], told[0]["price"]) == ("taken", 6000)
    assert told[0]["message"] == "It is yours, at £60."
    for amount, pieces, code in (("59", "1", "clock_above"), ("90", "9", "too_few_left")):
        refused = ada.send(amount, pieces=pieces), ada.by_page(amount, pieces=pieces)
        assert [answer.get_json()["error"] for answer in refused] == [code, code]
        assert shape(refused[0]) == shape(refused[1])
    with database.house_connection(oak) as connection:
        taken = connection.execute(
            text("SELECT sum(pieces) FROM award WHERE lot_id = :lot"), {"lot": made.lots[0]}
        ).scalar()
    assert taken == 4


def test_a_bid_for_the_right_to_choose_is_answered_as_by_the_page(
    web: Application, settings: Settings, database: Database, oak: House, seen: list[str]
) -> None:
    terms = {"increments": [[0, 1000]], "format": "choice", "choice": {"hours": 24}}
    with at(database, oak) as session:
        names = [f"door-{secrets.token_hex(4)}" for _way in ("short", "pages")]
        made = [
            (
                make_open_sale(session, reference=name, terms=terms, quantity=4),
                f"/sales/{name}/lots/1",
            )
            for name in names
        ]
    short, pages = (bidder(web, settings, database, oak, one) for one in made)
    first, second = short.send("30", words="1"), pages.by_page("30", words="1")
    assert seen == ["door"], "the second one is the page's"
    told = [answer.get_json() for answer in (first, second)]
    for name in ("outcome", "price", "asking", "message"):
        assert told[0][name] == told[1][name]
    assert (told[0]["outcome"], told[0]["price"]) == ("leading", 1000)
