"""A catalogue that has not changed since a stranger saw it last, told beside Flask's dispatch.

A reader without a session has nothing of their own on a sale's page: its version is made of what
the request says and of one read of the sale. Where it is the version the browser holds, the answer
is a 304. Everybody else, and every page that has changed, goes on to Flask.
"""

import re
import time
from collections.abc import Iterable
from random import getrandbits

import psycopg2
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from auctionhouse.catalogue.queries.sales import ONE_SALE, SaleHead
from auctionhouse.services import HouseServices
from auctionhouse.storefront.pages import KEPT_HEADERS, version_for
from auctionhouse.storefront.queries import NOBODY
from auctionhouse.storefront.views import sale_version
from auctionxchange.i18n.choice import COOKIE, locale_for
from auctionxchange.kernel.prepared import ask
from auctionxchange.kernel.web import log_request, security_headers
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.resolver import Application, Environ, StartResponse
from auctionxchange.theming.install import appearance_in

RULE = "/sales/<reference>/"
_PATH = re.compile(r"/sales/([A-Za-z0-9._~-]+)/")


class Unchanged:
    """Stands before a house app's own WSGI callable."""

    def __init__(self, app: Flask, pages: Application, services: HouseServices) -> None:
        self._app = app
        self._pages = pages
        self._services = services
        self._headers = {**KEPT_HEADERS, **security_headers(secure=services.settings.secure)}
        self._sessions = {app.config[f"{kind}_COOKIE_NAME"] for kind in ("SESSION", "REMEMBER")}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer that a page is unchanged, or hand the request on."""
        started = time.perf_counter()
        version = self._held_version(environ)
        if version is None:
            return self._pages(environ, start_response)
        request = f"{getrandbits(64):016x}"
        headers = {**self._headers, "ETag": f'W/"{version}"', "X-Request-Id": request}
        start_response("304 NOT MODIFIED", list(headers.items()))
        log_request("GET", RULE, 304, started, request=request)
        return [b""]

    def _held_version(self, environ: Environ) -> str | None:
        """Return the version of the page if it is a catalogue's and the browser holds it."""
        held, path = environ.get("HTTP_IF_NONE_MATCH"), environ.get("PATH_INFO", "")
        found = _PATH.fullmatch(path)
        if held is None or found is None or environ["REQUEST_METHOD"] != "GET":
            return None
        cookies, query = parse_cookie(environ.get("HTTP_COOKIE", "")), environ["QUERY_STRING"]
        if not (self._sessions.isdisjoint(cookies) and query.isascii()):
            return None
        house = current_house()
        try:
            rows = ask(self._services.database, house, ONE_SALE, {"reference": found[1]})
        except (psycopg2.Error, SQLAlchemyError):
            return None
        if not rows:
            return None
        language = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        locale = locale_for(house, None, cookies.get(COOKIE), language)
        parts = (sale_version(SaleHead(*rows[0])), NOBODY, False)
        how = (locale, appearance_in(cookies))
        version = version_for(self._app, house, how, f"{path}?{query}", parts)
        return version if f'"{version}"' in held else None
