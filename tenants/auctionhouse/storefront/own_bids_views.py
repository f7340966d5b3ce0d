"""What bidders do with bids they placed: take them back, and bind themselves to limits."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding import retraction
from auctionhouse.bidding.exposure import exposure
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.limits import held_by, limits_of, lots_of_sale, set_limits
from auctionhouse.bidding.placed_bids import own_bids
from auctionhouse.bidding.retraction_rules import may_go
from auctionhouse.members.access import acting_member, current_client_id, member_required
from auctionhouse.requests import house_session
from auctionhouse.storefront.lot_views import LotView, lot_view
from auctionhouse.storefront.own_bids_forms import LimitsForm, RetractForm, filled_limits
from auctionhouse.storefront.reading import reader
from auctionhouse.storefront.views import public_sale
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money, reader_locale
from auctionxchange.kernel.errors import DomainError, Forbidden
from auctionxchange.kernel.money import currency

blueprint = Blueprint("own_bids", __name__, template_folder="templates")
UNPROCESSABLE = 422


@blueprint.route("/sales/<reference>/lots/<label>/retract", methods=["GET", "POST"])
@member_required
def retract(reference: str, label: str) -> ResponseReturnValue:
    """Say what the sale's rule lets go, and let it go for a reason."""
    view = lot_view(reference, label)
    form = RetractForm()
    if request.method == "POST" and form.validate():
        done = _taken_back(view, form)
        if done is not None:
            flash(done, "success")
            return redirect(f"{view.address}#bid-panel", 303)
    facts = _standing(view)
    form.sequence.data = str(facts["own"][-1].sequence) if facts["own"] else ""
    form.sequence.raw_data = None
    page = render_template("storefront/retract.html", form=form, view=view, **facts)
    return page, UNPROCESSABLE if form.errors else 200


def _standing(view: LotView) -> dict[str, Any]:
    """Return a bidder's bids on a lot and what the sale's rule lets them do now."""
    rule, row = view.sale.policies, view.lot.row
    own = own_bids(house_session(), row.id, view.reader.client_id)
    going = []
    if rule.retraction == "allowed" and view.takes_bids:
        going = may_go(
            own, now=microseconds(view.sale.now), ends_at=microseconds(row.ends_at),
            hours=rule.retraction_hours, minutes=rule.retraction_minutes,
        )  # fmt: skip
    price = row.price or 0
    lower = rule.retraction != "never" and view.takes_bids and view.mine == "leading"
    return {
        "sale": view.sale,
        "lot": view.lot,
        "card": view.card,
        "own": own,
        "going": going,
        "may_lower": lower and (view.my_maximum or 0) > price,
        "price": price,
    }


def _taken_back(view: LotView, form: RetractForm) -> str | None:
    """Do what the pressed button says; a refusal goes above the form."""
    client_id, member = current_client_id(), acting_member().id
    if client_id is None:
        raise Forbidden
    session, lot_id, reason = house_session(), view.lot.row.id, form.reason.data or ""
    try:
        with session.begin_nested():
            if request.form.get("act") == "lower":
                price = retraction.lower_maximum(
                    session, lot_id, client_id=client_id, actor=member, reason=reason
                )
                shown = money(price, view.sale.currency)
                return _("Your maximum is now %(amount)s.", amount=shown)
            retraction.retract_bid(
                session, lot_id, form.last_seen, client_id=client_id, actor=member, reason=reason
            )
            return _("Your bid is taken back.")
    except DomainError as refusal:
        form.form_errors.append(refusal.message())
        return None


@blueprint.route("/me/limits/<reference>", methods=["GET", "POST"])
@member_required
def limits(reference: str) -> ResponseReturnValue:
    """Show and set a bidder's own limits for a sale."""
    sale = public_sale(reference)
    me = reader(sale.id)
    if me.client_id is None or not me.registration:
        return redirect(f"/sales/{sale.reference}/register?next=/me/limits/{sale.reference}")
    session = house_session()
    labels = lots_of_sale(session, sale.id)
    present = limits_of(session, sale.id, me.client_id)
    form = filled_limits(present, labels, unit=currency(sale.currency))
    if request.method == "POST" and form.validate() and _bound(sale.id, me.client_id, form):
        flash(_("Your limits are saved."), "success")
        return redirect(f"/me/limits/{sale.reference}", 303)
    held = held_by(session, sale.id, me.client_id)
    page = render_template(
        "storefront/limits.html", sale=sale, form=form, limits=present, exposure=exposure(
            present, held
        ),
        held=[(labels.get(lot, ""), amount) for lot, amount in sorted(held.items())],
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200


def _bound(sale_id: int, client_id: int, form: LimitsForm) -> bool:
    """Set the limits; a refusal goes above the form."""
    session = house_session()
    try:
        with session.begin_nested():
            set_limits(
                session, sale_id, client_id, spending=form.spending.data, choices=form.lines(),
                actor=acting_member().id, locale=str(reader_locale()),
            )  # fmt: skip
    except DomainError as refusal:
        form.form_errors.append(refusal.message())
        return False
    return True
