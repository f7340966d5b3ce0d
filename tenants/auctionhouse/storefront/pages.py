"""Pages of lists and versions of pages: where a reader is, and whether anything has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from flask import Flask, Response, current_app, get_flashed_messages, make_response, request

from auctionhouse.catalogue.queries.cards import ONLY, ORDERS, PER_PAGE, Filter
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.cache import HouseCache
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.house import House
from auctionxchange.theming.current import current_theme
from auctionxchange.theming.install import chosen_appearance

LONGEST_SEARCH = 200
LAST_PAGE = 1000
PAGES_KEPT = 256
"""Whole pages, some 100 kB each, that a process remembers."""

KEPT_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}

_pages = HouseCache(PAGES_KEPT)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the addresses of its neighbours."""

    number: int
    total: int
    path: str
    query: Mapping[str, str]
    size: int = PER_PAGE

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Return the place of the first thing shown, 0 when there is none."""
        return min(self.total, (self.number - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """Return the place of the last thing shown."""
        return min(self.total, self.number * self.size)

    def address(self, number: int) -> str:
        """Return the address of a page of this list."""
        return self.but(page=str(number) if number > 1 else "")

    def but(self, **changes: str) -> str:
        """Return this list's address with some of its query changed; "" removes."""
        query = {name: value for name, value in {**self.query, **changes}.items() if value}
        return f"{self.path}?{urlencode(query)}" if query else self.path


def wanted_lots(values: Mapping[str, str]) -> Filter:
    """Read a catalogue's query; whatever is not understood is left out."""
    page = values.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) <= 4 else 1  # noqa: PLR2004
    only, order = values.get("only", ""), values.get("sort", "")
    return Filter(
        words=values.get("q", "").strip()[:LONGEST_SEARCH],
        category=values.get("category", "")[:LONGEST_SEARCH],
        only=only if only in ONLY else "",
        order=order if order in ORDERS else "number",
        page=min(max(number, 1), LAST_PAGE),
    )


def kept_page(parts: tuple[object, ...], make: Callable[[], str]) -> Response:
    """Answer with a page that is made once for each version of its parts and of its reader.

    A reader whose copy is current gets a 304. A page that carries a message of an earlier action
    is made for that once and kept nowhere.
    """
    if get_flashed_messages():
        response = make_response(make())
        response.headers["Cache-Control"] = "no-store"
        return response
    version = page_version(parts)
    if request.if_none_match.contains_weak(version):
        response = make_response("", 304)
    else:
        response = make_response(_pages.get(current_house(), version, make))
    response.set_etag(version, weak=True)
    response.headers.update(KEPT_HEADERS)
    return response


def page_version(parts: tuple[object, ...]) -> str:
    """Return the version of a page for this reader: its parts and everything all pages show."""
    how = (str(reader_locale()), chosen_appearance())
    return version_for(current_app, current_house(), how, request.full_path, parts)


def version_for(
    app: Flask, house: House, how: tuple[str, str], path: str, parts: tuple[object, ...]
) -> str:
    """Return the version of a bound house's page at a path, read in a locale and an appearance."""
    content = (
        house.schema,
        house.version,
        current_theme().version,
        app.extensions["release"],
        *how,
        path,
        parts,
    )
    return sha256(repr(content).encode()).hexdigest()[:24]
