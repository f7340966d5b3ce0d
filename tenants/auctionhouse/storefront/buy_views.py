"""Buying a lot at once: what it costs in all is shown first, then one button buys it."""

import uuid

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.errors import BuyNowGone
from auctionhouse.bidding.purchases import Purchase, place_purchase
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.money.words import cost_lines
from auctionhouse.receipts.answers import kept_receipt_of
from auctionhouse.receipts.queries import accepted_path
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.storefront.bid_views import BIDS_A_MINUTE, read_token
from auctionhouse.storefront.lot_views import LotView, lot_page, lot_view
from auctionhouse.storefront.reading import member_id
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money, reader_locale
from auctionxchange.kernel.errors import DomainError, Forbidden
from auctionxchange.kernel.money import currency, decimal_string, parse_amount
from auctionxchange.kernel.web import wants_json
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("buying", __name__, template_folder="templates")


@blueprint.get("/sales/<reference>/lots/<label>/buy")
@member_required
def confirm(reference: str, label: str) -> ResponseReturnValue:
    """Show lot, price and all-in total once more, with the one button that buys."""
    view = lot_view(reference, label)
    if view.next_step != "bid":
        return redirect(view.address)
    price = price_of(view)
    if price is None:
        refusal = BuyNowGone()
        return lot_page(view, error=refusal.message()), refusal.status
    cost = view.cost(price)
    return render_template(
        "storefront/confirm_purchase.html",
        view=view,
        sale=view.sale,
        lot=view.lot,
        card=view.card,
        price=price,
        after_sale=view.card.after_sale is not None,
        plain=decimal_string(price, currency(view.sale.currency)),
        cost=cost,
        lines=cost_lines(cost),
        token=uuid.uuid4(),
    )


@blueprint.post("/sales/<reference>/lots/<label>/buy")
@member_required
def place(reference: str, label: str) -> ResponseReturnValue:
    """Buy the lot; a refusal shows it again with the reason."""
    view = lot_view(reference, label)
    try:
        bought = _placed(view)
    except DomainError as refusal:
        receipt = kept_receipt_of(refusal)
        if wants_json():
            g.told = {"receipt": receipt}
            raise
        g.failed = True
        page = lot_page(lot_view(reference, label), error=refusal.message(), receipt=receipt)
        return page, refusal.status
    if wants_json():
        receipt = accepted_path(view.lot.row.id, bought.sequence)
        return jsonify(outcome="bought", price=bought.price, receipt=receipt)
    flash(
        _("You bought this lot for %(amount)s. The house will be in touch about payment.",
          amount=money(bought.price, view.sale.currency)),
        "success",
    )  # fmt: skip
    return redirect(f"{view.address}#bid-panel", 303)


def price_of(view: LotView) -> int | None:
    """Return for how much the lot can be had without bidding: at once, or after the sale."""
    return view.card.buy_now or view.card.after_sale


def _placed(view: LotView) -> Purchase:
    """Buy at the price the form carries, in a transaction of its own."""
    house = current_house()
    services().limits.check(house, "bid", str(member_id()), BIDS_A_MINUTE)
    client_id, member = current_client_id(), member_id()
    if client_id is None or member is None:
        raise Forbidden
    price = parse_amount(request.form.get("price", ""), currency(view.sale.currency))
    token = read_token(request.form.get("token", ""))
    # The lot may be held for a while: this request's own transaction must not wait for it.
    house_session().commit()
    with services().database.folded_connection(house) as connection:
        return place_purchase(
            connection, lot_id=view.lot.row.id, client_id=client_id, placed_by_member_id=member,
            price=price, token=token, locale=str(reader_locale()),
        )  # fmt: skip
