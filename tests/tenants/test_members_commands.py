"""Commands on members: the first owner's way in, passwords, accounts."""

import re
import secrets

import pytest
from click.testing import CliRunner, Result
from wsgi import build_application, create_app

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.visitors import Person, make_member, visit

LONG = "a password of some length"


@pytest.fixture(autouse=True)
def _environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("DATABASE_ADMIN_URL", settings.database_admin_url or "")
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("PUBLIC_URL", settings.public_url)
    monkeypatch.setenv("AUCTIONXCHANGE_ENVIRONMENT", "test")


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(create_app().cli, words, input=typed)


def test_the_owner_of_a_new_house_gets_in_by_the_link_that_is_printed(
    settings: Settings, database: Database
) -> None:
    slug = f"h{secrets.token_hex(4)}"
    profile = "--name Ash --currency GBP --time-zone Europe/London --country GB --language en"
    told = run("houses", "create", slug, *profile.split(), "--owner", f"Boss@{slug}.example")
    assert told.exit_code == 0, told.output
    link = re.search(r"http\S+", told.output)
    assert link is not None
    house = Directory(database, settings).by_slug(slug)
    assert house is not None
    visitor = visit(build_application(settings, database), settings, house)
    assert visitor.submit(link.group(), {"password": LONG}).headers["Location"] == "/sign-in"
    visitor.sign_in(Person(0, f"boss@{slug}.example"), password=LONG)
    assert visitor.signed_in
    assert visitor.get(link.group()).headers["Location"] == "/reset"


def test_a_password_set_on_the_command_line_fits(
    settings: Settings, database: Database, oak: House
) -> None:
    """Seen to fail with Flask-Security's second hash left on."""
    person = make_member(database, oak)
    visitor = visit(build_application(settings, database), settings, oak)
    visitor.sign_in(person)
    words = ("members", "set-password", oak.slug, person.email.upper(), "--stdin")
    assert run(*words, typed=f"{LONG}\n").exit_code == 0
    assert not visitor.signed_in
    visitor.sign_in(person, password=LONG)
    assert visitor.signed_in


def test_a_member_is_made_with_roles(settings: Settings, database: Database, oak: House) -> None:
    email = f"{secrets.token_hex(4)}@example.com"
    words = ("members", "create", oak.slug, email, "--name", "Cleo", "--role", "clerk", "--stdin")
    assert run(*words, typed=f"{LONG}\n").exit_code == 0
    again = run(*words, typed=f"{LONG}\n")
    assert again.exit_code == 1
    assert "Another member has this address." in again.output
    visitor = visit(build_application(settings, database), settings, oak)
    visitor.sign_in(Person(0, email), password=LONG)
    assert visitor.signed_in


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("set-password", "oak", "nobody@example.com", "--stdin"), "no such member"),
        (("set-password", "nowhere", "nobody@example.com", "--stdin"), "no house"),
        (("password-link", "oak", "nobody@example.com"), "no such member"),
        (("create", "oak", "x@example.com", "--name", "X", "--role", "king"), "king"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    oak: House, words: tuple[str, ...], sentence: str
) -> None:
    told = run("members", *words, typed=f"{LONG}\n")
    assert told.exit_code in {1, 2}
    assert sentence in told.output
    assert "Traceback" not in told.output
