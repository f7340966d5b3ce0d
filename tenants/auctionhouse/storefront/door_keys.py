"""What lets a plain bid through the door: its shape, its cookie, its form's token, its lot.

Signatures that held once are remembered by the very text they were on, ages are looked at each
time. Nothing here says that a browser is still signed in: that is read with the lot, for each bid.
"""

import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import text
from werkzeug.http import parse_cookie

from auctionhouse.bidding.browsers import AskThePages
from auctionhouse.members.plane import members_plane
from auctionhouse.services import HouseServices
from auctionhouse.storefront.rules import split_label
from auctionxchange.accounts.browsers import read_token
from auctionxchange.i18n.choice import COOKIE
from auctionxchange.kernel.cache import HouseCache
from auctionxchange.serving.plain_request import FORMS
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Environ

LARGEST_FORM = 4096
MOST_TOKENS = 8
LOTS_KNOWN_SECONDS = 60
"""A lot added since is bid on through the pages; none is ever taken for another."""

_PATH = re.compile(r"/sales/([^/]+)/lots/([^/]+)/bid")
_LOTS = text(
    "SELECT l.id, l.number::text || l.suffix AS number, e.currency FROM lot l"
    " JOIN sale e ON e.id = l.sale_id WHERE e.reference = :reference AND e.state <> 'draft'"
)


@dataclass(frozen=True, slots=True)
class PlainBid:
    """A request that looks like a script's bid: the lot as its address names it, and its length."""

    reference: str
    label: str
    length: int


@dataclass(slots=True)
class Admission:
    """What a cookie said when its signature was checked, and the forms' tokens that fitted it."""

    browser: UUID
    account: str
    secret: str
    signed_at: datetime
    language: str | None
    tokens: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Meant:
    """The lot an address names, as it is checked again under the lot's lock."""

    lot_id: int
    reference: str
    number: str
    currency: str


def plain_bid(environ: Environ) -> PlainBid | None:
    """Return the bid a request plainly is, or None for anything else."""
    if environ["REQUEST_METHOD"] != "POST" or environ.get("HTTP_ACCEPT") != "application/json":
        return None
    found = _PATH.fullmatch(environ.get("PATH_INFO", ""))
    length = environ.get("CONTENT_LENGTH", "")
    if found is None or environ.get("CONTENT_TYPE") not in FORMS or not length.isdigit():
        return None
    if int(length) > LARGEST_FORM or not _same_origin(environ):
        return None
    return PlainBid(found[1], found[2], int(length))


def _same_origin(environ: Environ) -> bool:
    """Tell whether an encrypted form comes from the house's own page, as its protection asks."""
    if environ["wsgi.url_scheme"] != "https":
        return True
    origin = f"https://{environ['HTTP_HOST']}/"
    return bool(environ.get("HTTP_REFERER", "").startswith(origin))


def _sale_key(reference: str) -> tuple[str, str, int]:
    return "sale", reference, int(time.monotonic()) // LOTS_KNOWN_SECONDS


class DoorKeys:
    """Checks cookies, tokens and addresses, each once."""

    def __init__(self, app: Flask, services: HouseServices) -> None:
        self._app = app
        self._services = services
        self._cache = HouseCache()
        self._forms = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")

    def admit(self, house: House, environ: Environ, form: Mapping[str, str]) -> Admission:
        """Return whose cookie it is and check that the form is theirs; raises AskThePages."""
        header = environ.get("HTTP_COOKIE", "")
        admission = self._cache.get(
            house, ("cookie", house.secret, header), lambda: self._read(house, header)
        )
        age = (datetime.now(UTC) - admission.signed_at).total_seconds()
        if not 0 <= age <= self._app.permanent_session_lifetime.total_seconds():
            raise AskThePages
        self._check_token(admission, form.get("csrf_token", ""))
        return admission

    def meant(self, house: House, bid: PlainBid) -> Meant:
        """Return the lot an address names; raises AskThePages."""
        label = split_label(bid.label)
        lots = self._cache.get(
            house, _sale_key(bid.reference), lambda: self._lots(house, bid.reference)
        )
        found = None if label is None else lots.get(f"{label[0]}{label[1]}")
        if found is None:
            raise AskThePages
        return found

    def remembered(self, house: House, bid: PlainBid) -> Meant | None:
        """Return the lot an address names if its sale was looked up lately; asks nobody."""
        lots = self._cache.peek(house, _sale_key(bid.reference))
        label = split_label(bid.label)
        return None if lots is None or label is None else lots.get(f"{label[0]}{label[1]}")

    def _read(self, house: House, header: str) -> Admission:
        cookies = parse_cookie(header)
        with acting_for(house), self._app.app_context():
            interface = self._app.session_interface
            serializer = interface.get_signing_serializer(self._app)  # type: ignore[attr-defined]
            try:
                held, signed_at = serializer.loads(
                    cookies.get(self._app.config["SESSION_COOKIE_NAME"], ""), return_timestamp=True
                )
            except BadData as error:
                raise AskThePages from error
            named = read_token(members_plane(), held.get("_user_id", ""))
        secret = held.get("csrf_token")
        if named is None or not secret or held.get("_permanent"):
            raise AskThePages
        account, browser = named
        return Admission(browser, account, secret, signed_at, cookies.get(COOKIE))

    def _check_token(self, admission: Admission, token: str) -> None:
        if token in admission.tokens:
            return
        try:
            secret = self._forms.loads(token)
        except BadData as error:
            raise AskThePages from error
        if not isinstance(secret, str) or not hmac.compare_digest(secret, admission.secret):
            raise AskThePages
        if len(admission.tokens) >= MOST_TOKENS:
            admission.tokens.clear()
        admission.tokens.add(token)

    def _lots(self, house: House, reference: str) -> dict[str, Meant]:
        """Return the lots of a shown sale by their numbers; none where there is no such sale."""
        if not reference.isprintable():
            raise AskThePages
        with self._services.database.house_connection(house) as connection:
            rows = connection.execute(_LOTS, {"reference": reference}).all()
        return {row.number: Meant(row.id, reference, row.number, row.currency) for row in rows}
