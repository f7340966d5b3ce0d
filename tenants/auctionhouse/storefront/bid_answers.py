"""What a script is told about its bid, the same through the door as by the page."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any, NamedTuple

from auctionhouse.bidding.batch import BidResult
from auctionhouse.receipts.answers import receipt_of_refusal
from auctionhouse.receipts.queries import accepted_path
from auctionhouse.storefront.asking import said_of
from auctionxchange.i18n.domains import domain_of
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.translation import speaking
from auctionxchange.kernel.web import retry_headers
from auctionxchange.tenancy.house import House


class Told(NamedTuple):
    """An answer outside Flask: its status, the headers only it has, and its JSON."""

    status: HTTPStatus
    headers: Mapping[str, str]
    body: bytes


WORDS = "words"
"""The form's field by which a page asks for the sentence it shows its reader."""


def accepted(
    lot_id: int, result: BidResult, in_words: Callable[[], str] | None = None
) -> dict[str, Any]:
    """Return what is told of a bid that was taken, with the sentence where it is asked for."""
    return {
        "outcome": result.outcome,
        "price": result.price,
        "asking": result.asking,
        "receipt": accepted_path(lot_id, result.sequence, result.nth),
        **({} if in_words is None else {"message": in_words()}),
    }


def told_accepted(lot_id: int, result: BidResult, in_words: Callable[[], str] | None) -> Told:
    """Write the answer to a bid that was taken."""
    return Told(HTTPStatus.OK, {}, _json(accepted(lot_id, result, in_words)))


def words_for(house: House, locale: str, result: BidResult, currency: str) -> str:
    """Return what the page would say of a bid that was taken, outside a request."""
    with _speaking(house, locale):
        return said_of(result, currency, locale)[0]


def told_refused(house: House, locale: str, refusal: DomainError, request: str) -> Told:
    """Write the answer to a refused bid in a reader's language, as the error pages would."""
    with _speaking(house, locale):
        message = refusal.message()
    told = {
        "error": refusal.code,
        "message": message,
        "request": request,
        "receipt": receipt_of_refusal(refusal),
    }
    headers = {**retry_headers(refusal), "Cache-Control": "no-store"}
    return Told(HTTPStatus(refusal.status), headers, _json(told))


def _speaking(house: House, locale: str) -> AbstractContextManager[None]:
    return speaking(domain_of(house).translations_for(locale.partition("_")[0]))


def _json(told: Mapping[str, Any]) -> bytes:
    return _written(told).encode() + b"\n"


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""As Flask writes JSON."""
