"""Opening the sealed bids of a lot, by two members of staff where the sale says so."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from auctionhouse.bidding.sealed.operations import open_sealed_bids
from auctionhouse.bidding.sealed.queries import asked_by
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.views.lot_bids import subject_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Member
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError


@blueprint.route("/lots/<int:lot_id>/open-bids", methods=["GET", "POST"])
@staff_required(*STAFF)
def open_bids(lot_id: int) -> ResponseReturnValue:
    """Ask for the opening of a lot's sealed bids, or open them as the second person."""
    form = FlaskForm()
    if request.method == "POST" and form.validate():
        try:
            with house_session().begin_nested():
                act = open_sealed_bids(house_session(), lot_id, actor=actor())
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(_said(act), "success")
            return redirect(f"/manage/lots/{lot_id}/bids")
    page = render_template("manage/open_bids.html", form=form, **_facts(lot_id))
    return page, UNPROCESSABLE if form.errors else 200


def _facts(lot_id: int) -> dict[str, Any]:
    session = house_session()
    found, sale, standing = subject_of(lot_id)
    first = asked_by(session, lot_id)
    return {
        "lot": found,
        "sale": sale,
        "standing": standing,
        "first": None if first is None else session.get(Member, first),
        "asked_myself": first == actor(),
    }


def _said(act: str) -> str:
    if act == "asked":
        return _("You asked for the opening. A second member of staff now opens the bids.")
    return _("The bids are opened and stand in the lot’s ledger and history.")
