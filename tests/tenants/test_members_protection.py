"""What the account pages give away, let through and leave in a browser: as little as possible."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from flask_login import decode_cookie
from sqlalchemy import event, text
from wsgi import build_application

from auctionhouse.house_app import create_house_app
from auctionhouse.members.models import Member
from auctionhouse.members.operations import block_member
from auctionhouse.requests import house_session
from auctionxchange.accounts.throttle import network_of
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.visitors import PASSWORD, Person, Visitor, link_in, mails_to, make_member, visit


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def visitor(web: Application, settings: Settings, oak: House) -> Visitor:
    return visit(web, settings, oak)


@pytest.fixture
def person(database: Database, oak: House) -> Person:
    return make_member(database, oak)


def words(visitor: Visitor, path: str, form: dict[str, str]) -> tuple[int, str]:
    """Send a form and return what a stranger sees, the typed address left out."""
    answer = visitor.submit(path, form)
    shown = answer.get_data(as_text=True) + visitor.get("/sign-in").get_data(as_text=True)
    shown = re.sub(r'(value|content)="[^"]*"|nonce="[^"]*"', "", shown)
    return answer.status_code, shown.replace(form["email"], "…")


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("/sign-in", {"password": "not the password"}),
        ("/reset", {}),
        ("/confirm", {}),
        ("/register", {"name": "Ada", "password": PASSWORD}),
    ],
)
def test_nobody_learns_who_has_an_account(
    web: Application,
    settings: Settings,
    oak: House,
    person: Person,
    path: str,
    rest: dict[str, str],
) -> None:
    """Seen to fail for each page with SECURITY_RETURN_GENERIC_RESPONSES off."""
    stranger = f"{secrets.token_hex(5)}@example.com"
    known = words(visit(web, settings, oak), path, {"email": person.email, **rest})
    unknown = words(visit(web, settings, oak), path, {"email": stranger, **rest})
    assert known == unknown


def test_a_blocked_member_is_told_no_more_than_a_stranger(
    web: Application, settings: Settings, oak: House, database: Database, person: Person
) -> None:
    with database.house_session(oak) as session, session.begin():
        block_member(session, person.id, reason="did not pay", actor=None)
    form = {"email": person.email, "password": PASSWORD}
    stranger = {"email": "nobody@example.com", "password": PASSWORD}
    assert words(visit(web, settings, oak), "/sign-in", form) == words(
        visit(web, settings, oak), "/sign-in", stranger
    )


def test_who_registers_twice_is_told_by_mail_alone(
    visitor: Visitor, database: Database, person: Person
) -> None:
    form = {"email": person.email.upper(), "name": "Eve", "password": PASSWORD}
    assert visitor.submit("/register", form).headers["Location"] == "/sign-in"
    assert "has one already" in mails_to(database, person.email)[-1]["text"]


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
        "\\\\evil.example", "http:evil.example", "https:/\\evil.example", "javascript:alert(1)",
        "/\t/evil.example", "\t//evil.example", "http://oak.localhost:8000@evil.example/",
        "http://oak.localhost.evil.example:8000/", "http://elm.localhost:8000/",
    ],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_else(visitor: Visitor, person: Person, where: str) -> None:
    token = visitor.page("/sign-in").token()
    form = {"email": person.email, "password": PASSWORD, "csrf_token": token, "next": where}
    answer = visitor.post("/sign-in", form, query_string={"next": where})
    led = urljoin(f"{visitor.base}/sign-in", answer.headers.get("Location", "/").replace("\\", "/"))
    assert urlsplit(led)[:2] == ("http", "oak.localhost:8000")


def test_a_sign_in_leads_back_to_the_page_that_asked(visitor: Visitor, person: Person) -> None:
    asked = visitor.get("/account/?from=mail").headers["Location"]
    token = visitor.page(asked).token()
    form = {"email": person.email, "password": PASSWORD, "csrf_token": token}
    assert visitor.post(asked, form).headers["Location"] == "/account/?from=mail"


def test_a_link_in_a_mail_is_made_of_settings_and_never_of_a_header(
    visitor: Visitor, database: Database, oak: House, settings: Settings, person: Person
) -> None:
    """Seen to fail with the resolver's _name_publicly left out: the header's port was mailed."""
    token = visitor.page("/reset").token()
    odd = {"Host": "oak.localhost:6666", "X-Forwarded-Host": "evil.example"}
    visitor.post("/reset", {"email": person.email, "csrf_token": token}, headers=odd)
    link = link_in(mails_to(database, person.email)[-1], "/reset/")
    assert link.startswith(oak.url(settings, "/reset/"))


def test_a_planted_session_is_worth_nothing_after_the_sign_in(
    web: Application, settings: Settings, oak: House, person: Person
) -> None:
    """Seen to fail with the forms' token kept at the sign-in."""
    thief, victim = visit(web, settings, oak), visit(web, settings, oak)
    token = thief.page("/sign-in").token()
    victim.plant("house", thief.cookie("house") or "")
    victim.sign_in(person)
    assert victim.signed_in
    assert not thief.signed_in
    forged = victim.post("/account/", {"name": "Eve", "locale": "en", "csrf_token": token})
    assert forged.status_code == 400


def test_a_cookie_kept_from_before_the_sign_out_signs_nobody_in(
    visitor: Visitor, person: Person
) -> None:
    """Seen to fail with _forget_browser revoking nothing."""
    visitor.sign_in(person, remember="y")
    kept = {name: visitor.cookie(name) or "" for name in ("house", "house-remember")}
    visitor.submit("/account/", {}, to="/sign-out")
    for name, value in kept.items():
        visitor.plant(name, value)
    assert not visitor.signed_in


def test_a_browser_not_seen_for_a_month_signs_in_again(
    visitor: Visitor, database: Database, oak: House, person: Person
) -> None:
    visitor.sign_in(person, remember="y")
    with database.house_session(oak) as session, session.begin():
        session.execute(
            text(
                "UPDATE member_session SET last_seen_at = now() - interval '31 days'"
                " WHERE member_id = :id"
            ),
            {"id": person.id},
        )
    assert not visitor.signed_in


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in", "/sign-out", "/register", "/reset", "/confirm", "/account/",
        "/account/password", "/account/email", "/account/verify", "/account/browsers/sign-out",
    ],
)  # fmt: skip
def test_no_form_is_taken_without_its_token(visitor: Visitor, person: Person, path: str) -> None:
    visitor.sign_in(person)
    answer = visitor.post(path, {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "load it anew" in answer.get_data(as_text=True)
    assert visitor.signed_in


def test_signing_out_takes_a_form(visitor: Visitor, person: Person) -> None:
    visitor.sign_in(person)
    assert visitor.get("/sign-out").status_code == 405
    assert visitor.signed_in


def test_no_token_in_a_header_or_an_address_signs_anybody_in(
    visitor: Visitor, settings: Settings, database: Database, oak: House, person: Person
) -> None:
    """Seen to fail with Flask-Security's own request loader left in place."""
    app = create_house_app(settings, database, Directory(database, settings))
    with acting_for(oak), app.test_request_context():
        member = house_session().get_one(Member, person.id)
        token = str(member.get_auth_token())
    visitor.page("/sign-in")
    assert visitor.get("/account/", headers={"Authentication-Token": token}).status_code == 302
    assert visitor.get("/account/", query_string={"auth_token": token}).status_code == 302


def test_passwords_may_be_tried_ten_times_a_minute(visitor: Visitor, person: Person) -> None:
    token = visitor.page("/sign-in").token()
    form = {"email": person.email, "password": "wrong password", "csrf_token": token}
    answers = [visitor.post("/sign-in", form).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    visitor.address = "10.99.99.99"
    other = {**form, "email": person.email.upper()}
    refused = visitor.post("/sign-in", other)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_tries_are_counted_for_all_processes_together(
    web: Application, settings: Settings, database: Database, oak: House, person: Person
) -> None:
    """Seen to fail with the tries counted in each process: twenty were taken."""
    processes = (web, build_application(settings, database))
    visitors = [visit(process, settings, oak) for process in processes]
    form = {"email": person.email, "password": "wrong password"}
    forms = [{**form, "csrf_token": one.page("/sign-in").token()} for one in visitors]
    answers = [
        visitors[number % 2].post("/sign-in", forms[number % 2]).status_code for number in range(11)
    ]
    assert answers == [200] * 10 + [429]


def test_a_sign_in_that_goes_well_uses_no_try_up(
    web: Application, settings: Settings, oak: House, person: Person
) -> None:
    """Seen to fail with nothing given back: the eleventh browser was refused."""
    answers = [visit(web, settings, oak).sign_in(person).status_code for _ in range(12)]
    assert answers == [302] * 12


def test_nobodys_address_stands_in_the_table_of_tries(
    visitor: Visitor, database: Database, person: Person
) -> None:
    visitor.sign_in(person, password="wrong password")
    with database.platform_session() as session:
        keys = session.execute(text("SELECT key FROM exchange.tried")).scalars().all()
    assert keys
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


def test_a_network_of_many_addresses_counts_as_one() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("::ffff:192.0.2.1") != network_of("::ffff:192.0.2.2")


def test_a_limit_of_one_house_is_none_of_anothers(
    web: Application, settings: Settings, oak: House, elm: House
) -> None:
    for house in (oak, elm):
        visitor = visit(web, settings, house)
        token = visitor.page("/reset").token()
        form = {"email": "often@example.com", "csrf_token": token}
        answers = [visitor.post("/reset", form).status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]


def test_cookies_under_https_are_bound_to_the_host(
    settings: Settings, database: Database, oak: House, person: Person
) -> None:
    secure = replace(settings, public_url="https://localhost")
    visitor = visit(build_application(secure, database), secure, oak)
    answer = visitor.sign_in(person, remember="y")
    lines = [line.partition("=") for line in answer.headers.getlist("Set-Cookie")]
    cookies = {name: value.partition("; ")[2] for name, _, value in lines}
    assert set(cookies) == {"__Host-house", "__Host-house-remember"}
    for attributes in cookies.values():
        for wanted in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert wanted in attributes
        assert "Domain" not in attributes


def test_nothing_readable_stands_in_a_cookie(
    visitor: Visitor, settings: Settings, database: Database, oak: House, person: Person
) -> None:
    visitor.sign_in(person, remember="y")
    app = create_house_app(settings, database, Directory(database, settings))
    with app.app_context():
        inside = decode_cookie(visitor.cookie("house-remember") or "")
    assert inside is not None
    assert person.email not in inside
    assert person.email not in (visitor.cookie("house") or "")


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database, opening and closing left out."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_signed_in_member_costs_one_query_and_no_new_cookie(
    visitor: Visitor, person: Person, statements: list[str]
) -> None:
    """The client and the roles come along; seen to fail with the roles loaded on their own."""
    visitor.sign_in(person)
    visitor.get("/reset")
    statements.clear()
    answer = visitor.get("/reset")
    assert answer.status_code == 200
    assert len([asked for asked in statements if "exchange." not in asked]) == 1
    assert "Set-Cookie" not in answer.headers


def test_a_stranger_costs_nothing(visitor: Visitor, statements: list[str]) -> None:
    visitor.get("/sign-in")
    statements.clear()
    visitor.get("/sign-in")
    assert [asked for asked in statements if "exchange." not in asked] == []


def test_account_pages_stay_out_of_caches(visitor: Visitor, person: Person) -> None:
    assert visitor.get("/sign-in").headers["Cache-Control"] == "no-store"
    visitor.sign_in(person)
    assert visitor.get("/account/").headers["Cache-Control"] == "no-store"
