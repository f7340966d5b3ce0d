"""Pages of lists and versions of pages: where a reader is, and whether anything has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from flask import Response, current_app, get_flashed_messages, make_response, request

from auctionhouse.catalogue.queries.cards import ONLY, ORDERS, PER_PAGE, Filter
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.tenancy.current import current_house
from auctionxchange.theming.current import current_theme
from auctionxchange.theming.install import chosen_appearance

LONGEST_SEARCH = 200
LAST_PAGE = 1000


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
        words=values.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        category=values.get("category", "").replace("\x00", "")[:LONGEST_SEARCH],
        only=only if only in ONLY else "",
        order=order if order in ORDERS else "number",
        page=min(max(number, 1), LAST_PAGE),
    )


def page_version(*parts: object) -> str:
    """Return the version of a page for this reader: its parts and everything all pages show."""
    house = current_house()
    content = (
        house.schema,
        house.version,
        current_theme().version,
        current_app.extensions["release"],
        str(reader_locale()),
        chosen_appearance(),
        request.full_path,
        parts,
    )
    return sha256(repr(content).encode()).hexdigest()[:24]


def unchanged(version: str) -> Response | None:
    """Return a 304 where the reader's copy is current; pages with a message are never cached."""
    if has_messages():
        return None
    if request.if_none_match.contains_weak(version):
        response = make_response("", 304)
        response.set_etag(version, weak=True)
        return response
    return None


def versioned(body: str, version: str) -> Response:
    """Return a page its reader may keep and has to ask about each time.

    A page that carried a message is not kept: the message is for once.
    """
    response = make_response(body)
    response.vary.update(("Cookie", "Accept-Language"))
    if has_messages():
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag(version, weak=True)
    return response


def has_messages() -> bool:
    """Tell whether this answer shows messages of an earlier action."""
    return bool(get_flashed_messages())
