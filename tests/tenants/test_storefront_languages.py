"""Which language a reader gets, and how a choice is kept."""

import pytest
from sqlalchemy import text
from wsgi import build_application

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.visitors import Visitor, make_member, visit


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def visitor(web: Application, settings: Settings, oak: House) -> Visitor:
    return visit(web, settings, oak)


def language(visitor: Visitor, header: str | None = None) -> str:
    headers = {"Accept-Language": header} if header else {}
    return visitor.get("/", headers=headers).text.partition('<html lang="')[2][:2]


def test_the_house_speaks_first_then_the_browser_then_the_cookie(visitor: Visitor) -> None:
    assert language(visitor) == "en"
    assert language(visitor, "fr-CA,fr;q=0.9,en;q=0.5") == "fr"
    assert language(visitor, "de,ja") == "en"
    visitor.plant("language", "fr")
    assert language(visitor, "en") == "fr"
    visitor.plant("language", "de")
    assert language(visitor, "fr") == "fr"


def test_a_house_that_speaks_french_first(web: Application, settings: Settings, elm: House) -> None:
    assert language(visit(web, settings, elm)) == "fr"


def test_a_members_wish_goes_before_everything_and_follows_their_choice(
    visitor: Visitor, database: Database, oak: House
) -> None:
    person = make_member(database, oak, locale="fr")
    visitor.plant("language", "en")
    visitor.sign_in(person)
    assert language(visitor, "en") == "fr"
    visitor.post("/preferences", {"language": "en", "back": "/"})
    assert language(visitor, "fr") == "en"
    with database.house_session(oak) as session:
        kept = session.execute(text("SELECT locale FROM member WHERE id = :i"), {"i": person.id})
        assert kept.scalar_one() == "en"


def test_a_choice_is_kept_and_leads_back_to_the_page(visitor: Visitor) -> None:
    answer = visitor.post("/preferences", {"language": "fr", "back": "/sales/x/?page=2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sales/x/?page=2")
    assert visitor.cookie("language") == "fr"
    visitor.post("/preferences", {"appearance": "dark", "back": "/"})
    assert visitor.cookie("appearance") == "dark"
    visitor.post("/preferences", {"appearance": "auto", "back": "/"})
    assert visitor.cookie("appearance") is None
    visitor.post("/preferences", {"language": "xx", "appearance": "<script>", "back": "/"})
    assert (visitor.cookie("language"), visitor.cookie("appearance")) == ("fr", None)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x", ""]
)
def test_a_choice_leads_nowhere_else(visitor: Visitor, back: str) -> None:
    answer = visitor.post("/preferences", {"appearance": "dark", "back": back})
    assert answer.headers["Location"] == "/"
