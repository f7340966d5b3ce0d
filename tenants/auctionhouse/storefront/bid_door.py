"""Scripts' bids beside Flask's dispatch: the same checks, the same operation, the same answer.

A bid that is plain in every respect is placed here, at a fraction of the cost of a page, and its
answer is written here too, in the reader's language and with its receipt. Whatever is not (no
session, a form's token that does not fit, an amount nobody can read, a browser that must be noted
as seen) goes on to Flask untouched, whose view says what is wrong.

There are two ways in: the WSGI callable, whose thread waits for the answer, and the short way, on
which nobody waits and all who were decided together are answered together.
"""

import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import getrandbits
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Flask

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.browsers import AskThePages, Browser
from auctionhouse.bidding.errors import LotUnknown
from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.submissions import Submission
from auctionhouse.services import HouseServices
from auctionhouse.storefront.bid_answers import WORDS, Told, told_accepted, told_refused, words_for
from auctionhouse.storefront.bid_views import BIDS_A_MINUTE
from auctionhouse.storefront.door_keys import Admission, DoorKeys, Meant, plain_bid
from auctionhouse.storefront.rules import read_pieces
from auctionxchange.i18n.choice import locale_for
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.logs import logger
from auctionxchange.kernel.money import AmountInvalid, currency, parse_amount
from auctionxchange.kernel.web import log_request, security_headers
from auctionxchange.serving.express import Deliver, Reply
from auctionxchange.serving.plain_request import PlainRequest
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import HOUSE, Application, Environ, StartResponse

RULE = "/sales/<reference>/lots/<label>/bid"
_log = logger("door")


class _Reader:
    """Who reads the answer: the member's language is known once the bid was read."""

    def __init__(self, house: House, accepted: str) -> None:
        self.language: str | None = None
        self._wish: str | None = None
        self._house, self._accepted = house, accepted

    def locale_of(self, wish: str | None) -> str:
        """Return the locale of sentences for a member's wish."""
        self._wish = wish
        return self.locale

    @property
    def locale(self) -> str:
        """Return the locale as far as the reader is known."""
        return locale_for(self._house, self._wish, self.language, self._accepted)


@dataclass(slots=True)
class _Asked:
    """A bid that may be handed in, and what its answer needs."""

    house: House
    reader: _Reader
    lot_id: int
    submission: Submission
    started: float
    words: str | None
    """The lot's currency, if the answer is to be told in words too."""


class _Ticket(NamedTuple):
    """A bid of the short way and who waits for its answer."""

    asked: _Asked
    caller: Any
    deliver: Deliver


class BidDoor:
    """Stands before a house app's own WSGI callable."""

    def __init__(self, app: Flask, pages: Application, services: HouseServices) -> None:
        self._app = app
        self._pages = pages
        self._services = services
        self._keys = DoorKeys(app, services)
        self._headers = {
            "Content-Type": "application/json",
            "Vary": "Cookie",
            **security_headers(secure=services.settings.secure),
        }
        self._head = _lines(self._headers)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Place a plain bid, or hand the request on."""
        bid = plain_bid(environ)
        if bid is None:
            return self._pages(environ, start_response)
        body = environ["wsgi.input"].read(bid.length)
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            house = current_house()
            asked = self._asked(house, environ, body, self._keys.meant(house, bid))
            told = self._told(asked, self._placed(asked))
        except AskThePages:
            told = None
        if told is None:
            return self._pages(environ, start_response)
        answer, request = told
        headers = {**self._headers, **answer.headers, "X-Request-Id": request}
        headers["Content-Length"] = str(len(answer.body))
        start_response(_status(answer), list(headers.items()))
        return [answer.body]

    def express(self, request: PlainRequest, caller: Any, deliver: Deliver) -> bool:
        """Hand in a plain bid that may be answered later; anything else is not taken."""
        bid = plain_bid(request.environ)
        if bid is None:
            return False
        house: House = request.environ[HOUSE]
        meant = self._keys.remembered(house, bid)
        if meant is None:
            return False
        try:
            asked = self._asked(house, request.environ, request.form, meant)
        except AskThePages:
            return False
        ticket = _Ticket(asked, caller, deliver)
        self._services.bids.hand_in(house, asked.lot_id, asked.submission, self, ticket)
        return True

    def answered(self, told: Sequence[tuple[_Ticket, BidResult | BaseException]]) -> None:
        """Deliver the answers of the short way; they all came from one server."""
        told[0][0].deliver([(ticket.caller, self._reply(ticket, said)) for ticket, said in told])

    def _placed(self, asked: _Asked) -> BidResult | Exception:
        try:
            return self._services.bids.place(asked.house, asked.lot_id, asked.submission)
        except Exception as error:  # noqa: BLE001 - a refusal, or what the pages will meet again
            return error

    def _reply(self, ticket: _Ticket, said: BidResult | BaseException) -> Reply | None:
        """Write an answer, or None for what the pages must answer."""
        try:
            told = self._told(ticket.asked, said)
        except Exception as error:  # noqa: BLE001 - the others decided with it are not to wait
            _log.exception("unanswered", error=type(error).__name__)
            return None
        if told is None:
            return None
        answer, request = told
        head = self._head + _lines({**answer.headers, "X-Request-Id": request})
        return Reply(_status(answer), head, answer.body)

    def _told(self, asked: _Asked, said: BidResult | BaseException) -> tuple[Told, str] | None:
        """Write and log an answer with its request's name; None for what only the pages can tell.

        A bid that comes to the pages once more is the same bid by its token.
        """
        request = f"{getrandbits(64):016x}"
        if isinstance(said, BidResult):
            answer = told_accepted(asked.lot_id, said, _words(asked, said))
        elif isinstance(said, AskThePages | LotUnknown | ConfirmationNeeded):
            return None
        elif isinstance(said, DomainError):
            answer = told_refused(asked.house, asked.reader.locale, said, request)
        else:
            return None
        log_request(
            "POST",
            RULE,
            answer.status.value,
            asked.started,
            request=request,
            house=asked.house.slug,
        )
        return answer, request

    def _asked(self, house: House, environ: Environ, body: bytes, meant: Meant) -> _Asked:
        """Read a bid as the view does; raises AskThePages for what only the view can tell."""
        started, form = time.perf_counter(), _form(body)
        admission = self._keys.admit(house, environ, form)
        reader = _Reader(house, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        reader.language = admission.language
        submission = self._submission(house, admission, meant, form, reader)
        words = meant.currency if form.get(WORDS) else None
        return _Asked(house, reader, meant.lot_id, submission, started, words)

    def _submission(
        self,
        house: House,
        admission: Admission,
        meant: Meant,
        form: Mapping[str, str],
        reader: _Reader,
    ) -> Submission:
        if form.get("confirmed"):
            raise AskThePages
        try:
            maximum = parse_amount(form.get("maximum", ""), currency(meant.currency))
            token = UUID(form.get("token", ""))
        except (AmountInvalid, ValueError) as error:
            raise AskThePages from error
        limits = self._services.limits
        browser = Browser(
            id=admission.browser,
            account=admission.account,
            reference=meant.reference,
            number=meant.number,
            currency=meant.currency,
            locale=reader.locale_of,
            count=lambda member: limits.check(house, "bid", str(member), BIDS_A_MINUTE),
        )
        pieces = read_pieces(form.get("pieces", ""))
        return Submission(0, 0, maximum, token, browser=browser, confirmed=False, pieces=pieces)


def _words(asked: _Asked, result: BidResult) -> Callable[[], str] | None:
    unit = asked.words
    if unit is None:
        return None
    return lambda: words_for(asked.house, asked.reader.locale, result, unit)


def _form(body: bytes) -> dict[str, str]:
    """Read the form's fields, of each the first; raises AskThePages for what no text holds."""
    form: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True):
        form.setdefault(name, value)
        if "\0" in value:
            raise AskThePages
    return form


def _status(answer: Told) -> str:
    return f"{answer.status.value} {answer.status.phrase.upper()}"


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1")
