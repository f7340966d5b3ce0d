"""The console is for operators, at its own host, and carries nothing a strict policy refuses."""

import re
import uuid

import pytest
from werkzeug.test import Client

from auctionhouse.house_app import create_house_app
from auctionxchange.accounts.models import OperatorSession
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.site.platform_app import create_platform_app
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import PLANE
from factories.operators import CONSOLE, Browser, make_operator, signed_in

PAGES = (
    "/console/",
    "/console/houses/",
    "/console/houses/new/",
    "/console/migrations/",
    "/console/audit/",
    "/console/operators/",
)


@pytest.fixture(scope="module")
def browser(settings: Settings, database: Database) -> Browser:
    """An operator's browser."""
    return signed_in(settings, database, make_operator(database))


@pytest.fixture(scope="module")
def stranger(settings: Settings, database: Database) -> Browser:
    """A browser nobody is signed in with."""
    return signed_in(settings, database, None)


def all_pages(browser: Browser, oak: House) -> list[str]:
    operators = browser.page("/console/operators/").links()
    person = next(
        link
        for link in operators
        if link.startswith("/console/operators/") and link[19:20].isdigit()
    )
    return [*PAGES, f"/console/houses/{oak.schema}/", person]


@pytest.mark.parametrize("path", [*PAGES, "/console/houses/t_0000000000000000/"])
def test_a_stranger_is_sent_to_the_sign_in(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/console/sign-in?next=")


def test_no_route_of_the_console_answers_a_stranger(settings: Settings, database: Database) -> None:
    app = create_platform_app(settings, database, Directory(database, settings))
    app.config["WTF_CSRF_ENABLED"] = False
    views = {view.endpoint for view in app.extensions["admin"][0]._views}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in views]
    assert len(rules) > 30
    client = Client(app)
    for rule in rules:
        path = re.sub("<[^>]*uuid:[^>]*>", str(uuid.uuid4()), rule.rule)
        path = re.sub("<[^>]*>", "1", path)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(path, method=method, environ_overrides={PLANE: "console"})
            assert answer.status_code == 302, (method, path)
            assert answer.headers["Location"].startswith("/console/sign-in?next=")


@pytest.mark.parametrize("path", PAGES)
def test_the_app_itself_refuses_the_console_at_other_hosts(
    settings: Settings, database: Database, path: str
) -> None:
    """Seen to fail with install_guard left out: strangers were sent to a sign-in at the apex."""
    app = create_platform_app(settings, database, Directory(database, settings))
    client = Client(app)
    assert client.get(path, environ_overrides={PLANE: "site"}).status_code == 404
    assert client.get(path).status_code == 404


def test_a_houses_cookie_is_worth_nothing_at_the_console(
    settings: Settings, database: Database, stranger: Browser, oak: House
) -> None:
    house_app = create_house_app(settings, database, Directory(database, settings))
    operator = make_operator(database)
    with house_app.app_context(), acting_for(oak):
        serializer = house_app.session_interface.get_signing_serializer(house_app)  # type: ignore[attr-defined]
        stolen = serializer.dumps({"_user_id": operator.fs_uniquifier, "_fresh": True})
    for name in ("session", "exchange", "house"):
        stranger.client.set_cookie(name, stolen, domain=CONSOLE)
    assert stranger.get("/console/").status_code == 302


@pytest.mark.parametrize("role", ["finance", "read-only"])
def test_who_may_only_look_changes_nothing(
    settings: Settings, database: Database, oak: House, role: str
) -> None:
    """Seen to fail with demand() left out: a reader suspended a house."""
    reader = signed_in(settings, database, make_operator(database, role))
    house = f"/console/houses/{oak.schema}/"
    shown = reader.page(house)
    token = shown.token()
    assert "Your role allows you to look" in shown.text
    assert reader.get("/console/houses/new/").status_code == 403
    for act in ("suspend", "resume", "provision"):
        answer = reader.post(f"{house}{act}", {"reason": "x"}, token=token)
        assert answer.status_code == 403, act
    other = make_operator(database)
    with database.platform_session() as session, session.begin():
        row = OperatorSession(operator_id=other.id)
        session.add(row)
    address = f"/console/operators/{other.id}/sessions/{row.id}/revoke"
    assert reader.post(address, {}, token=token).status_code == 403


def test_support_opens_houses_but_signs_no_operator_out(
    settings: Settings, database: Database
) -> None:
    support = signed_in(settings, database, make_operator(database, "support"))
    assert support.get("/console/houses/new/").status_code == 200
    other = make_operator(database)
    with database.platform_session() as session, session.begin():
        row = OperatorSession(operator_id=other.id)
        session.add(row)
    token = support.page("/console/houses/new/").token()
    address = f"/console/operators/{other.id}/sessions/{row.id}/revoke"
    assert support.post(address, {}, token=token).status_code == 403


def test_every_page_keeps_the_policy(browser: Browser, oak: House) -> None:
    for path in all_pages(browser, oak):
        answer = browser.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert browser.page(path).refused_by_policy() == [], path


def test_pages_of_flask_admin_that_we_do_not_use_change_nothing(browser: Browser) -> None:
    token = browser.page("/console/houses/new/").token()
    assert browser.get("/console/audit/new/").status_code == 302
    assert browser.get("/console/audit/edit/?id=1").status_code == 302
    assert browser.post("/console/audit/delete/", {"id": "1"}, token=token).status_code == 302
    assert browser.post("/console/audit/ajax/update/", {"x": "1"}, token=token).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=-1", "page=99999999999999999999", "sort=99", "sort=x&desc=7", "search=%25_'",
        "flt_status=nothing", "flt_x=1", "_scheme=x&endpoint=y&_external=1",
    ],
)  # fmt: skip
def test_an_odd_address_is_answered_with_a_list(browser: Browser, query: str) -> None:
    assert browser.get(f"/console/houses/?{query}").status_code == 200
