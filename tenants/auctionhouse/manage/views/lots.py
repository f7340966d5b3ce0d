"""Lots: the form with its pictures, save and next, withdrawing."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.pictures import lot_pictures
from auctionhouse.catalogue.refusals import ChangedMeanwhile, NumberTaken
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.lots import (
    SECTIONS,
    SIDE_BY_SIDE,
    EmptyForm,
    LotForm,
    WithdrawForm,
    filled_lot_form,
)
from auctionhouse.manage.queries import people
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency


@blueprint.route("/sales/<int:sale_id>/lots/new", methods=["GET", "POST"])
@staff_required(*STAFF)
def new_lot(sale_id: int) -> ResponseReturnValue:
    """Add a lot to a sale."""
    return _edit(queries.sale_of(house_session(), sale_id), None)


@blueprint.route("/lots/<int:lot_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def lot(lot_id: int) -> ResponseReturnValue:
    """Change a lot and its pictures."""
    found = lot_of(lot_id)
    return _edit(queries.sale_of(house_session(), found.sale_id), found)


@blueprint.route("/lots/<int:lot_id>/withdraw", methods=["GET", "POST"])
@staff_required(*STAFF)
def withdraw_lot(lot_id: int) -> ResponseReturnValue:
    """Take a lot out of its sale, with a notice."""
    found = lot_of(lot_id)
    form = WithdrawForm()
    if request.method == "POST" and form.validate():
        operations.withdraw_lot(house_session(), lot_id, form.reason.data or "", actor=actor())
        flash(_("The lot is withdrawn and bidders are told."), "success")
        return redirect(f"/manage/lots/{lot_id}")
    page = render_template(
        "manage/withdraw.html",
        lot=found,
        sale=queries.sale_of(house_session(), found.sale_id),
        form=form,
    )
    return page, UNPROCESSABLE if form.errors else 200


def lot_of(lot_id: int) -> Lot:
    """Return a lot; raises NotFound."""
    found = house_session().get(Lot, lot_id)
    if found is None:
        raise NotFound
    return found


def _edit(sale: Sale, found: Lot | None) -> ResponseReturnValue:
    session = house_session()
    form = filled_lot_form(
        found,
        unit=currency(sale.currency),
        consignors=people.client_choices(session),
        agreements=people.agreement_choices(
            session, sale.currency, found.agreement_id if found else None
        ),
        next_number=queries.next_number(session, sale.id),
    )
    if request.method == "POST" and form.validate():
        saved = _saved(form, sale, found)
        if saved is not None:
            flash(_("Lot %(label)s is saved.", label=form.label.data), "success")
            return redirect(_where_next(saved))
    page = render_template("manage/lot_form.html", form=form, **_page(sale, found))
    return page, UNPROCESSABLE if form.errors else 200


def _page(sale: Sale, found: Lot | None) -> dict[str, Any]:
    session = house_session()
    return {
        "sale": sale,
        "lot": found,
        "standing": session.get(LotState, found.id) if found else None,
        "pictures": lot_pictures(session, found.id) if found else [],
        "beside": queries.neighbours(session, found) if found else None,
        "sections": SECTIONS,
        "side_by_side": dict(SIDE_BY_SIDE),
        "empty_form": EmptyForm(),
    }


def _saved(form: LotForm, sale: Sale, found: Lot | None) -> Lot | None:
    """Save what was typed, or put the refusal beside its field."""
    details = form.details()
    try:
        if found is None:
            return operations.create_lot(house_session(), sale.id, details, actor=actor())
        seen = int(form.version.data or 0)
        return operations.edit_lot(house_session(), found.id, details, actor=actor(), version=seen)
    except NumberTaken as refusal:
        form.label.errors = [refusal.message()]
    except DomainError as refusal:
        _complain(form, refusal)
    return None


def _complain(form: LotForm, refusal: DomainError) -> None:
    """Say beside the named fields, or above all, why the lot stays as it was."""
    if isinstance(refusal, ChangedMeanwhile):
        form.version.data = str(refusal.fields["version"])
        form.version.raw_data = None
    named = (*refusal.fields.get("names", ()), refusal.fields.get("group"))
    names = [name for name in named if name in form]
    for name in names:
        form[name].errors = [refusal.message()]
    if not names:
        form.form_errors.append(refusal.message())


def _where_next(saved: Lot) -> str:
    """Return the page the pressed button asked for."""
    if request.form.get("then") == "new":
        return f"/manage/sales/{saved.sale_id}/lots/new"
    if request.form.get("then") == "next":
        after = queries.neighbours(house_session(), saved).after
        if after is not None:
            return f"/manage/lots/{after}"
        return f"/manage/sales/{saved.sale_id}/"
    return f"/manage/lots/{saved.id}"
