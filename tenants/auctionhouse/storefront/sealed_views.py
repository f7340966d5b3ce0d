"""Taking a sealed bid back."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from auctionhouse.bidding.sealed.operations import withdraw_sealed_bid
from auctionhouse.members.access import acting_member, current_client_id, member_required
from auctionhouse.requests import house_session
from auctionhouse.storefront.lot_views import lot_view
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, Forbidden

blueprint = Blueprint("sealed_bids", __name__, template_folder="templates")


@blueprint.route("/sales/<reference>/lots/<label>/sealed/withdraw", methods=["GET", "POST"])
@member_required
def withdraw(reference: str, label: str) -> ResponseReturnValue:
    """Ask once more, then take the bid out of the box unread."""
    view = lot_view(reference, label)
    client_id = current_client_id()
    if client_id is None:
        raise Forbidden
    form = FlaskForm()
    if request.method == "POST" and form.validate():
        session = house_session()
        try:
            with session.begin_nested():
                withdraw_sealed_bid(
                    session, view.lot.row.id, client_id=client_id, actor=acting_member().id
                )
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(_("Your sealed bid is taken back."), "success")
            return redirect(f"{view.address}#bid-panel", 303)
    page = render_template(
        "storefront/sealed/withdraw.html", form=form, view=view, sale=view.sale, card=view.card
    )
    return page, 422 if form.errors else 200
