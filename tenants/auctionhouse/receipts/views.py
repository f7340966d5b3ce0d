"""What anybody may check, and a bidder's own receipts."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.bidding import published
from auctionhouse.members.access import current_client_id, member_required, public
from auctionhouse.receipts.keys import published_keys
from auctionhouse.receipts.queries import (
    accepted_receipt,
    own_receipt,
    published_heads,
    receipts_on,
    refused_receipt,
)
from auctionhouse.receipts.words import reason_words
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.storefront.lot_views import lot_view
from auctionhouse.storefront.views import public_sale
from auctionxchange.kernel.cache import HouseCache
from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.kernel.errors import NotFound
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("receipts", __name__, template_folder="templates")
LEDGERS_KEPT = 64
VERIFIER = REPOSITORY / "tools" / "verify_ledger.py"

_ledgers = HouseCache(LEDGERS_KEPT)


def house_host() -> str:
    """Return the host the house is named by in what it signs."""
    return current_house().host(services().settings)


@blueprint.get("/ledger/key")
@public
def keys() -> ResponseReturnValue:
    """Publish the keys the house signs with, retired ones too."""
    house = current_house()
    told = {"house": house_host(), "name": house.name, "keys": published_keys(house_session())}
    return _file(told, "keys.json")


@blueprint.get("/ledger/verify_ledger.py")
@public
def verifier() -> ResponseReturnValue:
    """Hand out the program that checks what this page publishes."""
    return _attachment(VERIFIER.read_bytes(), "text/x-python", "verify_ledger.py")


@blueprint.get("/sales/<reference>/ledger/heads")
@public
def heads(reference: str) -> ResponseReturnValue:
    """Publish the heads of a sale's lots, signed."""
    sale = public_sale(reference)
    told = published_heads(house_session(), sale.id, sale.reference, house=house_host())
    return _file(told, f"{sale.reference}-heads.json")


@blueprint.get("/sales/<reference>/lots/<label>/ledger")
@public
def ledger(reference: str, label: str) -> ResponseReturnValue:
    """Hand out a lot's ledger as JSON lines."""
    view = lot_view(reference, label)
    version = ("ledger", view.lot.row.id, view.lot.row.state_version)
    text = _ledgers.get(
        current_house(), version, lambda: published.download(house_session(), view.lot.row.id)
    )
    name = f"{view.sale.reference}-lot-{view.lot.row.label}.jsonl"
    return _attachment(text.encode(), "application/jsonl", name)


@blueprint.get("/me/receipts/<int(max=999999999999999999):lot_id>/<int(max=2147483647):sequence>")
@member_required
def accepted(lot_id: int, sequence: int) -> ResponseReturnValue:
    """Hand out the receipt of an own accepted bid."""
    document = accepted_receipt(house_session(), lot_id, sequence, _client(), house=house_host())
    return _own(document, f"receipt-{lot_id}-{sequence}.json")


@blueprint.get("/me/receipts/<int(max=999999999999999999):lot_id>/own/<int(max=2147483647):nth>")
@member_required
def own(lot_id: int, nth: int) -> ResponseReturnValue:
    """Hand out the receipt of the first, second … own accepted bid on a lot."""
    document = own_receipt(house_session(), lot_id, nth, _client(), house=house_host())
    return _own(document, f"receipt-{lot_id}-own-{nth}.json")


@blueprint.get("/me/receipts/refused/<uuid:reference>")
@member_required
def refused(reference: UUID) -> ResponseReturnValue:
    """Hand out the receipt of an own refused bid."""
    document = refused_receipt(house_session(), reference, _client(), house=house_host())
    return _own(document, f"receipt-{reference}.json")


@blueprint.get("/sales/<reference>/lots/<label>/receipts")
@member_required
def receipts(reference: str, label: str) -> ResponseReturnValue:
    """Show the reader's receipts on a lot."""
    view = lot_view(reference, label)
    lines = receipts_on(house_session(), view.lot.row.id, _client())
    return render_template(
        "receipts/receipts.html",
        view=view,
        sale=view.sale,
        card=view.card,
        lines=lines,
        reason_words=reason_words,
    )


def _client() -> int:
    client_id = current_client_id()
    if client_id is None:
        raise NotFound
    return client_id


def _own(document: dict[str, Any] | None, name: str) -> Response:
    if document is None:
        raise NotFound
    return _file(document, name)


def _file(told: dict[str, Any], name: str) -> Response:
    text = json.dumps(told, ensure_ascii=False) + "\n"
    return _attachment(text.encode(), "application/json", name)


def _attachment(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = f"{kind}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
