"""Operators for tests, and a browser one of them is signed in with."""

import secrets

from flask import Flask
from flask_login import LoginManager
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from auctionhouse.house_app import create_house_app
from auctionxchange.accounts.models import Operator
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.site.platform_app import create_platform_app
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.resolver import Resolver
from factories.pages import Page

CONSOLE = "console.localhost"


def make_operator(database: Database) -> Operator:
    """Make an operator of a random address."""
    name = secrets.token_hex(4)
    operator = Operator(
        email=f"{name}@exchange.example", name=name, fs_uniquifier=secrets.token_hex(16)
    )
    with database.platform_session() as session, session.begin():
        session.add(operator)
    return operator


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
    _install_sign_in(platform, database)
    house = create_house_app(settings, database, directory)
    client = Client(Resolver(settings, directory, platform, house))
    if operator is not None:
        serializer = platform.session_interface.get_signing_serializer(platform)  # type: ignore[attr-defined]
        cookie = serializer.dumps({"_user_id": operator.fs_uniquifier, "_fresh": True})
        name = platform.config["SESSION_COOKIE_NAME"]
        client.set_cookie(name, cookie, domain=CONSOLE)
    return Browser(client)


def _install_sign_in(app: Flask, database: Database) -> None:
    def load(uniquifier: str) -> Operator | None:
        with database.platform_session() as session:
            return session.scalar(select(Operator).where(Operator.fs_uniquifier == uniquifier))

    if not hasattr(app, "login_manager"):
        LoginManager(app).user_loader(load)
