"""Every page of a house says who may enter, and means it."""

import re
import uuid
from dataclasses import dataclass

import pytest
from flask import Flask
from wsgi import build_application

from auctionhouse.house_app import create_house_app
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.visitors import Visitor, make_member, visit

WITHOUT_MARK = {"theme_stylesheet", "static_files", "preferences"}
"""Style sheets, static files and the footer's switches, which the platform serves to anybody."""


@dataclass(frozen=True, slots=True)
class Page:
    """An address with its wildcards filled in, a method it takes, and who may enter."""

    path: str
    method: str
    access: str | None


@pytest.fixture(scope="module")
def pages(settings: Settings, database: Database) -> list[Page]:
    app = create_house_app(settings, database, Directory(database, settings))
    return [
        Page(filled(rule.rule), method, access_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in WITHOUT_MARK
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def filled(rule: str) -> str:
    """Fill in an address: the first of some words, any identity, 1."""
    chosen = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
    return re.sub("<[^>]*>", "1", re.sub("<uuid:[^>]*>", str(uuid.uuid4()), chosen))


def access_of(app: Flask, endpoint: str) -> str | None:
    return getattr(app.view_functions[endpoint], "access", None)


@pytest.fixture(scope="module")
def visitor(settings: Settings, database: Database, oak: House) -> Visitor:
    """A stranger's browser."""
    return visit(build_application(settings, database), settings, oak)


@pytest.fixture(scope="module")
def bidder(settings: Settings, database: Database, oak: House) -> Visitor:
    """A bidder's browser."""
    signed_in = visit(build_application(settings, database), settings, oak)
    signed_in.sign_in(make_member(database, oak))
    return signed_in


@pytest.fixture(scope="module")
def owner(settings: Settings, database: Database, oak: House) -> Visitor:
    """The browser of somebody who may do everything."""
    signed_in = visit(build_application(settings, database), settings, oak)
    signed_in.sign_in(make_member(database, oak, roles=("owner", "bidder")))
    return signed_in


def asked(visitor: Visitor, page: Page, token: str) -> tuple[int, str]:
    if page.method == "GET":
        answer = visitor.get(page.path)
    else:
        answer = visitor.post(page.path, {"csrf_token": token})
    return answer.status_code, answer.headers.get("Location", "")


def test_every_route_says_who_may_enter(pages: list[Page]) -> None:
    assert len(pages) > 30
    assert [page.path for page in pages if page.access not in {"public", "member", "staff"}] == []


def test_the_back_office_is_for_staff_alone(pages: list[Page]) -> None:
    rooms = [page for page in pages if page.path.startswith("/manage")]
    assert rooms
    assert [page.path for page in rooms if page.access != "staff"] == []


def test_a_stranger_is_sent_to_the_sign_in(pages: list[Page], visitor: Visitor) -> None:
    """Seen to fail with member_required and staff_required letting everybody through."""
    token = visitor.page("/sign-in").token()
    for page in pages:
        if page.access in {"member", "staff"}:
            status, led = asked(visitor, page, token)
            assert status == 302, (page, status)
            assert led.startswith("/sign-in"), (page, led)


def test_no_form_is_taken_from_elsewhere(pages: list[Page], owner: Visitor) -> None:
    """Seen to fail with one blueprint exempted from the protection."""
    forms = [page for page in pages if page.method == "POST"]
    assert len(forms) > 30
    for page in forms:
        answer = owner.post(page.path, {"csrf_token": "forged"})
        assert (answer.status_code, "open for too long" in answer.text) == (400, True), page


def test_a_bidder_never_gets_into_the_back_office(pages: list[Page], bidder: Visitor) -> None:
    """Seen to fail with staff_required asking for a sign-in alone."""
    token = bidder.page("/account/").token()
    for page in pages:
        if page.access == "staff":
            assert asked(bidder, page, token)[0] == 403, page
