"""Placing a bid: what it means is shown first, then one button places it."""

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.submissions import Submission
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.offers.queries import my_offers
from auctionhouse.receipts.answers import receipt_of_refusal
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.storefront.asking import checked_offer, said_of
from auctionhouse.storefront.bid_answers import WORDS, accepted
from auctionhouse.storefront.confirming import (
    confirmation_page,
    flag_for,
    in_words,
    is_confirmed,
)
from auctionhouse.storefront.lot_views import LotView, lot_page, lot_view
from auctionhouse.storefront.my_bids import MY_BIDS, grouped, lines_of, totals
from auctionhouse.storefront.queries import lot_to_bid_on, lots_i_bid_on
from auctionhouse.storefront.reading import member_id
from auctionhouse.storefront.rules import read_pieces, split_label
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from auctionxchange.kernel.money import currency, parse_amount
from auctionxchange.kernel.web import wants_json
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("bids", __name__, template_folder="templates")
BIDS_A_MINUTE = "60/minute"


class TokenMissing(Invalid):
    """The form was sent without the token that makes a repeated bid one bid."""

    code = "token_missing"

    def message(self) -> str:
        return _("Please go back to the lot and place the bid from there.")


@blueprint.get("/sales/<reference>/lots/<label>/bid")
@member_required
def confirm(reference: str, label: str) -> ResponseReturnValue:
    """Show lot, amount and all-in total once more, with the one button that places the bid."""
    view = lot_view(reference, label)
    typed, wanted = request.args.get("maximum", ""), request.args.get("pieces", "")
    if view.next_step != "bid" or not view.takes_bids:
        return redirect(view.address)
    try:
        maximum, pieces = checked_offer(view, typed, wanted)
    except DomainError as refusal:
        page = lot_page(view, typed=typed, wanted=wanted, error=refusal.message())
        return page, refusal.status
    return confirmation_page(view, maximum, pieces)


@blueprint.post("/sales/<reference>/lots/<label>/bid")
@member_required
def place(reference: str, label: str) -> ResponseReturnValue:
    """Place the bid; a refusal shows the lot again with the typed amount and the reason."""
    typed = request.form.get("maximum", "")
    if wants_json():
        found = lot_to_bid_on(house_session(), reference, *(split_label(label) or (0, "")))
        if found is None:
            raise NotFound
        try:
            result = _place(found.id, found.currency, typed, request.form.get("token", ""))
        except ConfirmationNeeded:
            g.told = _asked(found.id, found.currency, typed)
            raise
        except DomainError as refusal:
            g.told = {"receipt": receipt_of_refusal(refusal)}
            raise
        words = _words(result, found.currency) if request.form.get(WORDS) else None
        return jsonify(accepted(found.id, result, words))
    view = lot_view(reference, label)
    lot_id, unit = view.lot.row.id, view.sale.currency
    try:
        result = _place(lot_id, unit, typed, request.form.get("token", ""))
    except ConfirmationNeeded as refusal:
        maximum, pieces = checked_offer(view, typed, request.form.get("pieces", ""))
        return confirmation_page(view, maximum, pieces, far_above=True), refusal.status
    except DomainError as refusal:
        g.failed = True
        receipt = receipt_of_refusal(refusal)
        shown = lot_view(reference, label)
        page = lot_page(
            shown, typed=typed, wanted=request.form.get("pieces", ""), error=refusal.message(),
            receipt=receipt,
        )  # fmt: skip
        return page, refusal.status
    flash(*said_of(result, unit, str(reader_locale())))
    return redirect(_back(view), 303)


def _words(result: BidResult, currency_code: str) -> Callable[[], str]:
    return lambda: said_of(result, currency_code, str(reader_locale()))[0]


def _place(lot_id: int, currency_code: str, typed: str, token: str) -> BidResult:
    house = current_house()
    services().limits.check(house, "bid", str(member_id()), BIDS_A_MINUTE)
    maximum = parse_amount(typed, currency(currency_code))
    client_id, member = current_client_id(), member_id()
    if client_id is None or member is None:
        raise Forbidden
    submission = Submission(
        client_id, member, maximum, read_token(token), str(reader_locale()),
        confirmed=is_confirmed(request.form.get("confirmed", ""), client_id, lot_id, maximum),
        pieces=read_pieces(request.form.get("pieces", "")),
    )  # fmt: skip
    # The line may be long: this request's own transaction must not wait in it.
    house_session().commit()
    return services().bids.place(house, lot_id, submission)


def _asked(lot_id: int, currency_code: str, typed: str) -> dict[str, str]:
    """Return what a script shows before it sends the bid again with the flag."""
    maximum = parse_amount(typed, currency(currency_code))
    return {
        "words": in_words(maximum, currency_code),
        "confirmed": flag_for(current_client_id(), lot_id, maximum),
    }


def read_token(text: str) -> uuid.UUID:
    """Read the token a form was given; raises TokenMissing."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise TokenMissing from error


def _back(view: LotView) -> str:
    """Return the page the bid was placed from."""
    return MY_BIDS if request.form.get("back") == "my-bids" else f"{view.address}#bid-panel"


@blueprint.get("/me/bids")
@member_required
def my_bids() -> ResponseReturnValue:
    """Show every lot the member has bid on: where they were outbid first, then what they lead."""
    session = house_session()
    client_id = current_client_id()
    mine = lots_i_bid_on(session, client_id) if client_id is not None else []
    groups = grouped(lines_of(mine, database_now(session)))
    offers = my_offers(session, client_id) if client_id is not None else []
    return render_template(
        "storefront/my_bids.html",
        sale_ids=sorted({bid.sale_id for bid in mine}),
        groups=groups,
        offers=offers,
        to_answer=sum(offer.may("accept", "bidder") for offer in offers),
        sums={name: totals(groups[name]) for name in ("leading", "won")},
    )
