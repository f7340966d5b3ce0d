"""Placing a bid: what it means is shown first, then one button places it."""

import uuid

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.errors import BidTooLow, NotARaise
from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.submissions import Submission
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.offers.queries import my_offers
from auctionhouse.receipts.answers import receipt_of_refusal
from auctionhouse.receipts.queries import accepted_path
from auctionhouse.requests import house_session
from auctionhouse.services import services
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
from auctionhouse.storefront.rules import split_label
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money, reader_locale
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
    typed = request.args.get("maximum", "")
    if view.next_step != "bid" or not view.takes_bids:
        return redirect(view.address)
    try:
        maximum = checked_maximum(view, typed)
    except DomainError as refusal:
        return lot_page(view, typed=typed, error=refusal.message()), refusal.status
    return confirmation_page(view, maximum)


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
        return jsonify(
            outcome=result.outcome,
            price=result.price,
            asking=result.asking,
            receipt=accepted_path(found.id, result.sequence),
        )
    view = lot_view(reference, label)
    lot_id, unit = view.lot.row.id, view.sale.currency
    try:
        result = _place(lot_id, unit, typed, request.form.get("token", ""))
    except ConfirmationNeeded as refusal:
        maximum = parse_amount(typed, currency(unit))
        return confirmation_page(view, maximum, far_above=True), refusal.status
    except DomainError as refusal:
        g.failed = True
        receipt = receipt_of_refusal(refusal)
        shown = lot_view(reference, label)
        page = lot_page(shown, typed=typed, error=refusal.message(), receipt=receipt)
        return page, refusal.status
    flash(*_said(view, result))
    return redirect(_back(view), 303)


def checked_maximum(view: LotView, typed: str) -> int:
    """Read a typed maximum; raises AmountInvalid, BidTooLow or NotARaise."""
    maximum = parse_amount(typed, currency(view.sale.currency))
    least = view.lot.row.asking
    if view.mine == "leading" and maximum <= (view.my_maximum or 0):
        raise NotARaise
    if view.mine != "leading" and maximum < least:
        raise BidTooLow(minimum=least, shown=money(least, view.sale.currency))
    return maximum


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


def _said(view: LotView, result: BidResult) -> tuple[str, str]:
    """Return what to tell the bidder, and how it is meant."""
    amount = money(result.price, view.sale.currency)
    if result.you_lead and view.mine == "leading":
        return _("Your maximum is raised. You still lead at %(amount)s.", amount=amount), "success"
    if result.you_lead:
        return _("Your bid is in. You lead at %(amount)s.", amount=amount), "success"
    asking = money(result.asking, view.sale.currency)
    return (
        _("Your bid was taken, but another bidder’s maximum is higher: now %(amount)s. "
          "The next bid is %(asking)s.", amount=amount, asking=asking),
        "error",
    )  # fmt: skip


@blueprint.get("/me/bids")
@member_required
def my_bids() -> ResponseReturnValue:
    """Show every lot the member has bid on: where they were outbid first, then what they lead."""
    session = house_session()
    client_id = current_client_id()
    mine = lots_i_bid_on(session, client_id) if client_id is not None else []
    groups = grouped(lines_of(mine, client_id, database_now(session)))
    offers = my_offers(session, client_id) if client_id is not None else []
    return render_template(
        "storefront/my_bids.html",
        sale_ids=sorted({bid.sale_id for bid in mine}),
        groups=groups,
        offers=offers,
        to_answer=sum(offer.may("accept", "bidder") for offer in offers),
        sums={name: totals(groups[name]) for name in ("leading", "won")},
    )
