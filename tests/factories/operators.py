"""Operators for tests, and a browser one of them is signed in with."""

import secrets
import uuid

from flask import Flask
from werkzeug.test import Client, TestResponse

from auctionhouse.house_app import create_house_app
from auctionxchange.accounts.browsers import PURPOSE
from auctionxchange.accounts.models import Operator, OperatorSession
from auctionxchange.accounts.operators import create_operator, operators_plane
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.site.platform_app import create_platform_app
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.resolver import Resolver
from factories.pages import Page

CONSOLE = "console.localhost"


def make_operator(database: Database, role: str = "owner") -> Operator:
    """Make an operator of a random address."""
    name = secrets.token_hex(4)
    with database.platform_session() as session, session.begin():
        return create_operator(
            session, email=f"{name}@exchange.example", name=name, password_hash="", role=role
        )


class Browser:
    """A browser that knows one host at a time and fills in forms."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, host: str = CONSOLE) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, headers={"Host": f"{host}:8000"})

    def page(self, path: str, host: str = CONSOLE) -> Page:
        """Ask for a page that must be there."""
        answer = self.get(path, host)
        assert answer.status_code == 200, (path, answer.status)
        return Page(answer.get_data(as_text=True))

    def post(
        self, path: str, form: dict[str, str], *, token: str | None, host: str = CONSOLE
    ) -> TestResponse:
        """Send a form, with a token unless it is None."""
        sent = form if token is None else {**form, "csrf_token": token}
        return self.client.post(path, data=sent, headers={"Host": f"{host}:8000"})


def signed_in(settings: Settings, database: Database, operator: Operator | None) -> Browser:
    """Open a browser on the whole application, signed in at the console or a stranger's."""
    directory = Directory(database, settings)
    platform = create_platform_app(settings, database, directory)
    house = create_house_app(settings, database, directory)
    client = Client(Resolver(settings, directory, platform, house))
    if operator is not None:
        name = platform.config["SESSION_COOKIE_NAME"]
        client.set_cookie(name, operator_cookie(platform, database, operator), domain=CONSOLE)
    return Browser(client)


def operator_cookie(platform: Flask, database: Database, operator: Operator) -> str:
    """Write the cookie a sign-in leaves: a browser's row and a text signed for the console."""
    browser = uuid.uuid4()
    with database.platform_session() as session, session.begin():
        session.add(OperatorSession(id=browser, operator_id=operator.id))
    with platform.app_context():
        named = [operator.fs_uniquifier, str(browser)]
        token = operators_plane().serializer(PURPOSE).dumps(named)
    with platform.app_context():
        serializer = platform.session_interface.get_signing_serializer(platform)  # type: ignore[attr-defined]
        cookie: str = serializer.dumps({"_user_id": token, "_fresh": True})
    return cookie
