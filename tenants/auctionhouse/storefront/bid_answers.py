"""What a script is told about its bid, the same through the door as by the page."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from auctionhouse.bidding.batch import BidResult
from auctionhouse.receipts.answers import receipt_of_refusal
from auctionhouse.receipts.queries import accepted_path
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


def accepted(lot_id: int, result: BidResult) -> dict[str, Any]:
    """Return what is told of a bid that was taken."""
    return {
        "outcome": result.outcome,
        "price": result.price,
        "asking": result.asking,
        "receipt": accepted_path(lot_id, result.sequence, result.nth),
    }


def told_accepted(lot_id: int, result: BidResult) -> Told:
    """Write the answer to a bid that was taken."""
    return Told(HTTPStatus.OK, {}, _json(accepted(lot_id, result)))


def told_refused(house: House, locale: str, refusal: DomainError, request: str) -> Told:
    """Write the answer to a refused bid in a reader's language, as the error pages would."""
    language = locale.partition("_")[0]
    with speaking(domain_of(house).translations_for(language)):
        message = refusal.message()
    told = {
        "error": refusal.code,
        "message": message,
        "request": request,
        "receipt": receipt_of_refusal(refusal),
    }
    headers = {**retry_headers(refusal), "Cache-Control": "no-store"}
    return Told(HTTPStatus(refusal.status), headers, _json(told))


def _json(told: Mapping[str, Any]) -> bytes:
    return _written(told).encode() + b"\n"


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""As Flask writes JSON."""
