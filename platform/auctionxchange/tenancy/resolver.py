"""The door: plain WSGI in front of the two Flask apps, deciding by host name alone.

An unknown host gets a plain 404 and a suspended house a plain 503 before any other code runs.
Only the Host header counts; forwarded headers are believed where a trusted proxy is configured.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from werkzeug.middleware.proxy_fix import ProxyFix

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.logs import logger
from auctionxchange.serving.express import Deliver, Express
from auctionxchange.serving.plain_request import PlainRequest
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.plain_pages import (
    nobody_page,
    plain_headers,
    suspended_page,
    unavailable_page,
)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

HOUSE = "auctionxchange.house"
PLANE = "auctionxchange.plane"
CONSOLE_PATH = "/console"
_SHARED_PATHS = ("/static/", "/theme/")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_LONGEST_HOST = 253
_log = logger("resolver")


@lru_cache(maxsize=1024)
def normalised_host(raw: str) -> str | None:
    """Return a host name in lower case without port and trailing dot, or None if it is none."""
    name, colon, port = raw.strip().lower().partition(":")
    if colon and not (port.isascii() and port.isdigit()):
        return None
    name = name.removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        return None
    return name


class Resolver:
    """Sends a request to the platform's app or to a house's, or refuses it."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        platform: Application,
        house: Application,
        express: Express | None = None,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._platform = platform
        self._house = house
        self._express = express

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        host = normalised_host(environ.get("HTTP_HOST", ""))
        if host is None:
            return _not_found(environ, start_response)
        if host == self._settings.apex:
            return self._serve_site(environ, start_response)
        if host == self._settings.console_host:
            return self._serve_console(environ, start_response)
        house = self._find(host)
        if house is None or house.status in {"provisioning", "deleted"}:
            return _not_found(environ, start_response)
        if house.status != "active":
            return _suspended(house, environ, start_response)
        return self._serve_house(house, environ, start_response)

    def express(self, request: PlainRequest, caller: Any, deliver: Deliver) -> bool:
        """Let an active house take a request to be answered later, if it is at hand."""
        environ = request.environ
        host = normalised_host(environ["HTTP_HOST"])
        house = None if host is None else self._directory.remembered(host)
        if house is None or house.status != "active" or self._express is None:
            return False
        environ[HOUSE] = house
        environ[PLANE] = "house"
        self._name_publicly(environ, house.host(self._settings))
        return self._express(request, caller, deliver)

    def _find(self, host: str) -> House | None:
        try:
            return self._directory.by_host(host)
        except Exception as error:  # noqa: BLE001 - any failure of the registry is the same to a visitor
            _log.warning("registry unavailable", error=type(error).__name__)
            return _UNREACHABLE

    def _serve_site(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = re.sub(r"/{2,}", "/", environ.get("PATH_INFO", "/"))
        if path == CONSOLE_PATH or path.startswith(f"{CONSOLE_PATH}/"):
            return _not_found(environ, start_response)
        environ[PLANE] = "site"
        self._name_publicly(environ, self._settings.apex)
        return self._platform(environ, start_response)

    def _serve_console(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path == "/":
            start_response("302 Found", [("Location", f"{CONSOLE_PATH}/"), ("Content-Length", "0")])
            return [b""]
        if not path.startswith((f"{CONSOLE_PATH}/", *_SHARED_PATHS)):
            return _not_found(environ, start_response)
        environ[PLANE] = "console"
        self._name_publicly(environ, self._settings.console_host)
        return self._platform(environ, start_response)

    def _serve_house(
        self, house: House, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if house is _UNREACHABLE:
            return _unavailable(environ, start_response)
        redirect = self._to_primary(house, environ)
        if redirect is not None:
            start_response(
                "301 Moved Permanently", [("Location", redirect), ("Content-Length", "0")]
            )
            return [b""]
        environ[HOUSE] = house
        environ[PLANE] = "house"
        self._name_publicly(environ, house.host(self._settings))
        with acting_for(house):
            return self._house(environ, start_response)

    def _name_publicly(self, environ: Environ, host: str) -> None:
        """Have absolute addresses, those in mails too, made of settings and never of a header."""
        environ["HTTP_HOST"] = f"{host}{self._settings.port_suffix}"
        environ["wsgi.url_scheme"] = self._settings.scheme

    def _to_primary(self, house: House, environ: Environ) -> str | None:
        """Return where a page moved when the house has its own domain and was asked elsewhere."""
        if house.primary_domain is None or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            return None
        if normalised_host(environ.get("HTTP_HOST", "")) == house.primary_domain:
            return None
        query = environ.get("QUERY_STRING", "")
        # WSGI hands bytes over as Latin-1, whatever they mean.
        path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/;:@&=+$,")
        return house.url(self._settings, path + (f"?{query}" if query else ""))


class Entrance:
    """The resolver behind so many proxies of ours, whose forwarded headers alone are believed.

    Its short way asks for neither address nor scheme of the caller, so it needs no header.
    """

    def __init__(self, resolver: Resolver, proxies: int) -> None:
        self._application: Application = resolver
        if proxies:
            self._application = ProxyFix(
                resolver, x_for=proxies, x_proto=proxies, x_host=0, x_port=0, x_prefix=0
            )
        self.express: Express = resolver.express

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return self._application(environ, start_response)


_UNREACHABLE = House(
    schema="", slug="", name="", status="active", currency="", time_zone="", country="",
    language="en", languages=(), theme="base", secret="",
)  # fmt: skip


def _answer(
    start_response: StartResponse, status: str, page: bytes, *headers: tuple[str, str]
) -> Iterable[bytes]:
    start_response(status, [*plain_headers(page), *headers])
    return [page]


def _not_found(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    return _answer(start_response, "404 Not Found", nobody_page(_accepted(environ)))


def _suspended(house: House, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    offered = (house.language, *house.languages)
    page = suspended_page(house.name, _accepted(environ), offered)
    return _answer(start_response, "503 Service Unavailable", page, ("Retry-After", "3600"))


def _unavailable(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    page = unavailable_page(_accepted(environ))
    return _answer(start_response, "503 Service Unavailable", page, ("Retry-After", "5"))


def _accepted(environ: Environ) -> str:
    accepted: str = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    return accepted
