"""Scripts' bids beside Flask's dispatch: the same checks, the same operation, the same answer.

A bid that is plain in every respect is placed here, at a fraction of the cost of a page. Whatever
is not (no session, a form's token that does not fit, an amount nobody can read, a browser that must
be noted as seen) goes on to Flask untouched, whose view says what is wrong. A refusal is written by
Flask's error handlers, in the reader's language and with its receipt.
"""

import io
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Flask, g

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.browsers import AskThePages, Browser
from auctionhouse.bidding.errors import LotUnknown
from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.submissions import Submission
from auctionhouse.receipts.answers import receipt_of_refusal
from auctionhouse.receipts.queries import accepted_path
from auctionhouse.services import HouseServices
from auctionhouse.storefront.bid_views import BIDS_A_MINUTE
from auctionhouse.storefront.door_keys import Admission, DoorKeys, Meant, PlainBid, plain_bid
from auctionhouse.storefront.rules import read_pieces
from auctionxchange.i18n.choice import locale_for
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import AmountInvalid, currency, parse_amount
from auctionxchange.kernel.web import log_request, security_headers
from auctionxchange.tenancy.current import current_house
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application, Environ, StartResponse

RULE = "/sales/<reference>/lots/<label>/bid"


class _Reader:
    """Who reads the answer: the member's language is known once the bid was read."""

    def __init__(self, house: House, accepted: str) -> None:
        self.locale: str | None = None
        self.language: str | None = None
        self._house, self._accepted = house, accepted

    def locale_of(self, wish: str | None) -> str:
        """Return the locale of sentences for a member's wish."""
        self.locale = wish
        return locale_for(self._house, wish, self.language, self._accepted)


class BidDoor:
    """Stands before a house app's own WSGI callable."""

    def __init__(self, app: Flask, pages: Application, services: HouseServices) -> None:
        self._app = app
        self._pages = pages
        self._services = services
        self._keys = DoorKeys(app, services)
        self._headers = [
            ("Content-Type", "application/json"),
            ("Vary", "Cookie"),
            *security_headers(secure=services.settings.secure).items(),
        ]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Place a plain bid, or hand the request on."""
        bid = plain_bid(environ)
        if bid is None:
            return self._pages(environ, start_response)
        started = time.perf_counter()
        body = environ["wsgi.input"].read(bid.length)
        environ["wsgi.input"] = io.BytesIO(body)
        house = current_house()
        reader = _Reader(house, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        try:
            lot_id, result = self._place(house, environ, bid, body, reader)
        except (AskThePages, LotUnknown, ConfirmationNeeded):
            return self._pages(environ, start_response)
        except Exception as error:  # noqa: BLE001 - Flask's handlers answer it as they do a view's
            return self._refused(environ, start_response, error, reader)
        answer = _told(lot_id, result)
        request_id = secrets.token_hex(8)
        start_response(
            "200 OK",
            [*self._headers, ("X-Request-Id", request_id), ("Content-Length", str(len(answer)))],
        )
        log_request("POST", RULE, 200, started, request=request_id)
        return [answer]

    def _place(
        self, house: House, environ: Environ, bid: PlainBid, body: bytes, reader: _Reader
    ) -> tuple[int, BidResult]:
        """Place the bid as the view does; raises AskThePages for what only the view can tell."""
        form = _form(body)
        admission = self._keys.admit(house, environ, form)
        reader.language = admission.language
        meant = self._keys.meant(house, bid)
        submission = self._submission(house, admission, meant, form, reader)
        return meant.lot_id, self._services.bids.place(house, meant.lot_id, submission)

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

    def _refused(
        self, environ: Environ, start_response: StartResponse, error: Exception, reader: _Reader
    ) -> Iterable[bytes]:
        """Have Flask write the refusal, knowing already who reads it."""
        app = self._app
        with app.request_context(environ):
            g.started, g.request_id = time.perf_counter(), secrets.token_hex(8)
            g._login_user = reader  # noqa: SLF001 - so that nobody is loaded for their language
            if isinstance(error, DomainError):
                g.told = {"receipt": receipt_of_refusal(error)}
            response = app.make_response(app.handle_user_exception(error))
            answer: Any = app.process_response(response)
            return list(answer(environ, start_response))


def _form(body: bytes) -> dict[str, str]:
    """Read the form's fields, of each the first; raises AskThePages for what no text holds."""
    form: dict[str, str] = {}
    for name, value in parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True):
        form.setdefault(name, value)
        if "\0" in value:
            raise AskThePages
    return form


def _told(lot_id: int, result: BidResult) -> bytes:
    told = {
        "asking": result.asking,
        "outcome": result.outcome,
        "price": result.price,
        "receipt": accepted_path(lot_id, result.sequence, result.nth),
    }
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"
