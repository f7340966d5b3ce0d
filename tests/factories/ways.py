"""One request served by the whole application, the short way first, and by its pages alone."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Queue
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from gunicorn.http.errors import NoMoreData, ParseException
from wsgi import build_application

from auctionhouse.storefront.bid_door import BidDoor
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.serving.plain_request import plain_request
from auctionxchange.tenancy.resolver import Application, Entrance, Environ, Resolver
from factories.raw import as_gunicorn_reads, written
from factories.visitors import Visitor

PATIENCE_SECONDS = 60
OF_ITS_OWN = {"X-Request-Id", "Content-Length", "request", "confirmed"}
"""Header fields and names in the JSON that are another in each answer of a kind."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and by which way.

    It is short; door, where anything else in front of the pages answered; pages; or gunicorn, where
    that refused the request.
    """

    way: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """Return the JSON; nothing where the answer is none."""
        told: dict[str, Any] = json.loads(self.body) if self.body.startswith(b"{") else {}
        return told

    @property
    def shape(self) -> tuple[int, dict[str, str], Any]:
        """Return all in which an answer to the same bid on an equal lot must be the same."""
        headers = {name: text for name, text in self.headers.items() if name not in OF_ITS_OWN}
        told = {
            name: text for name, text in self.told.items() if name not in {"request", "confirmed"}
        }
        if receipt := told.get("receipt"):
            told["receipt"] = re.sub(r"[0-9a-f-]{36}|\d+", "…", receipt)
        return self.status, headers, told or self.body


class Ways:
    """The application twice: as it is served, and with nothing in front of the houses' pages."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.whole = build_application(settings, database)
        self._alone = build_application(settings, database)
        pages: Any = door_of(self._alone)._pages
        house_app(self._alone).wsgi_app = pages  # type: ignore[method-assign]
        self._pages, door_of(self.whole)._pages = door_of(self.whole)._pages, self._asked
        self._ways: list[str] = []

    def serve(self, received: bytes) -> Answer:
        """Serve a request as our worker would."""
        plain, delivered = plain_request(received), Queue[Any]()
        express: Any = cast("Entrance", self.whole).express
        if plain is not None and express(plain, self, delivered.put):
            ((caller, reply),) = delivered.get(timeout=PATIENCE_SECONDS)
            assert caller is self
            if reply is not None:
                lines = [line.partition(": ") for line in reply.head.decode().split("\r\n")[:-1]]
                headers = {name: value for name, _colon, value in lines}
                status = int(reply.status.partition(" ")[0])
                return Answer("short", status, headers, reply.body)
        self._ways = ["door"]
        return _served(self.whole, received, self._ways)

    def serve_by_pages(self, received: bytes) -> Answer:
        """Serve a request as if there were pages alone."""
        return _served(self._alone, received, ["pages"])

    def forget(self) -> None:
        """Look houses up anew."""
        for application in (self.whole, self._alone):
            resolver_of(application)._directory.forget()

    def _asked(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        self._ways.append("pages")
        return self._pages(environ, start_response)


def _served(application: Application, received: bytes, ways: list[str]) -> Answer:
    try:
        environ = as_gunicorn_reads(received).environ
    except (ParseException, NoMoreData) as error:
        return Answer("gunicorn", 400, {"Error": type(error).__name__}, b"")
    said: list[Any] = []
    body = b"".join(application(environ, lambda *told: said.extend(told)))
    return Answer(ways[-1], int(said[0].partition(" ")[0]), dict(said[1]), body)


def resolver_of(application: Application) -> Resolver:
    """Return the resolver of an application."""
    found: Resolver = cast("Entrance", application).express.__self__  # type: ignore[attr-defined]
    return found


def house_app(application: Application) -> Flask:
    """Return the houses' app of an application."""
    return cast("Flask", resolver_of(application)._house)


def door_of(application: Application) -> BidDoor:
    """Return the door before the houses' app."""
    door: BidDoor = house_app(application).extensions["auctionhouse.door"]
    return door


class Script:
    """A signed-in browser whose script bids: what it sends, as bytes."""

    def __init__(self, visitor: Visitor, member: int) -> None:
        self.visitor, self.member = visitor, member
        self.token = visitor.page("/account/").token()

    @property
    def cookies(self) -> str:
        """Return the cookies as the browser sends them."""
        kept = (self.visitor.client._cookies or {}).values()
        return "; ".join(f"{one.decoded_key}={one.value}" for one in kept)

    def bid(self, path: str, *more: str, form: Any = (), **fields: str | None) -> bytes:
        """Write a bid of 200 on the lot at a path; form and fields say what is different."""
        base = self.visitor.base
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        told = {"csrf_token": self.token, "token": str(uuid4()), "maximum": "200", **dict(form)}
        sent = {name: value for name, value in told.items() if value is not None}
        head = {
            "Host": base.partition("://")[2],
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookies,
            "Referer": f"{base}{path}",
            "Origin": base,
            "X-Forwarded-For": self.visitor.address,
        }
        return written(f"{path}/bid", urlencode(sent).encode(), {**head, **named}, *more)
