"""People at a house's pages: a browser that keeps cookies and fills in forms, and their mail."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from auctionhouse.members.operations import create_member
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.pages import Page

PASSWORD = "correct horse battery"
HASH = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Person:
    """A member: the account's id and the address to sign in with."""

    id: int
    email: str


def make_member(
    database: Database, house: House, *, roles: tuple[str, ...] = ("bidder",), locale: str = "en"
) -> Person:
    """Make a confirmed member of a random address whose password is PASSWORD."""
    email = f"{secrets.token_hex(5)}@example.com"
    with database.house_session(house) as session, session.begin():
        member = create_member(
            session, email=email, name="Ada", password_hash=HASH, roles=roles, locale=locale
        )
        return Person(member.id, email)


class Visitor:
    """A browser at one host, from a network address of its own."""

    def __init__(self, application: Application, base: str) -> None:
        self.client = Client(application)
        self.base = base
        self.address = f"10.{'.'.join(str(secrets.randbelow(250) + 1) for _ in range(3))}"

    def get(self, path: str, **more: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path.removeprefix(self.base), **self._sent(more))

    def page(self, path: str) -> Page:
        """Ask for a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status, answer.headers.get("Location"))
        return Page(answer.get_data(as_text=True))

    def post(self, path: str, form: dict[str, str], **more: Any) -> TestResponse:
        """Send a form as it is, without the token."""
        return self.client.post(path.removeprefix(self.base), data=form, **self._sent(more))

    def submit(self, path: str, form: dict[str, str], *, to: str | None = None) -> TestResponse:
        """Open a page and send its form with the token it holds."""
        token = self.page(path).token()
        return self.post(to or path, {**form, "csrf_token": token})

    def sign_in(self, person: Person, *, password: str = PASSWORD, **form: str) -> TestResponse:
        """Fill in the sign-in page."""
        return self.submit("/sign-in", {"email": person.email, "password": password, **form})

    @property
    def signed_in(self) -> bool:
        """Tell whether the account page opens."""
        return self.get("/account/").status_code == 200

    def cookie(self, name: str) -> str | None:
        """Return a cookie's value."""
        found = self.client.get_cookie(name, domain=self.host)
        return None if found is None else found.value

    def plant(self, name: str, value: str) -> None:
        """Put a cookie into the browser as if this host had set it."""
        self.client.set_cookie(name, value, domain=self.host)

    @property
    def host(self) -> str:
        """Return the host's name without scheme and port."""
        return self.base.partition("://")[2].partition(":")[0]

    def _sent(self, more: dict[str, Any]) -> dict[str, Any]:
        headers = {"Accept": "text/html", "Referer": f"{self.base}/", **more.pop("headers", {})}
        origin = {"REMOTE_ADDR": self.address}
        return {"base_url": self.base, "environ_overrides": origin, "headers": headers, **more}


def visit(application: Application, settings: Settings, house: House) -> Visitor:
    """Open a browser at a house's own address."""
    return Visitor(application, house.url(settings, ""))


def mails_to(database: Database, email: str) -> list[dict[str, Any]]:
    """Return the mails waiting for an address, the oldest first."""
    query = text(
        "SELECT payload FROM exchange.outbox WHERE topic = 'mail.send'"
        " AND payload ->> 'to' = :email ORDER BY id"
    )
    with database.platform_session() as session:
        return list(session.execute(query, {"email": email}).scalars())


def link_in(mail: dict[str, Any], path: str) -> str:
    """Return the address in a mail's text whose path begins so."""
    found = re.search(rf"https?://\S+?{re.escape(path)}\S*", mail["text"])
    assert found is not None, mail["text"]
    return found.group()
