"""Sales: the list, the form in sections, the lots of one sale, publishing."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.catalogue import checklist, operations
from auctionhouse.catalogue.models import Sale
from auctionhouse.catalogue.refusals import (
    ChangedMeanwhile,
    FixedOnceShown,
    NotReady,
    ReferenceInvalid,
    ReferenceTaken,
)
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.columns import SALES, lot_columns
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.sales import SECTIONS, SaleForm, filled_sale_form, terms_as_typed
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.queries import sales as queries
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.current import current_house

UNPROCESSABLE = 422


@blueprint.get("/sales/")
@staff_required(*STAFF)
def sales() -> ResponseReturnValue:
    """List all sales."""
    return shown_list("manage/sales.html", queries.all_sales(), SALES, name="sales")


@blueprint.route("/sales/new", methods=["GET", "POST"])
@staff_required(*STAFF)
def new_sale() -> ResponseReturnValue:
    """Make a draft."""
    return _edit(None)


@blueprint.route("/sales/<int:sale_id>/edit", methods=["GET", "POST"])
@staff_required(*STAFF)
def edit_sale(sale_id: int) -> ResponseReturnValue:
    """Change a sale."""
    return _edit(queries.sale_of(house_session(), sale_id))


@blueprint.get("/sales/<int:sale_id>/")
@staff_required(*STAFF)
def sale(sale_id: int) -> ResponseReturnValue:
    """Show a sale's lots, sortable and searchable, with what is missing in a draft."""
    session = house_session()
    found = queries.sale_of(session, sale_id)
    search = request.args.get("search", "").strip()[:100]
    return shown_list(
        "manage/sale.html",
        queries.lots_of_sale(sale_id, search),
        lot_columns(found.currency),
        name=f"lots-{found.reference}",
        order="number",
        sale=found,
        findings=checklist.what_is_missing(session, found) if found.state == "draft" else [],
        words=checklist.words,
        search=search,
        form=EmptyForm(),
    )


@blueprint.post("/sales/<int:sale_id>/publish")
@staff_required(*STAFF)
def publish_sale(sale_id: int) -> ResponseReturnValue:
    """Show a sale to the public if nothing is missing."""
    try:
        published = operations.publish_sale(house_session(), sale_id, actor=actor())
    except NotReady as refusal:
        flash(refusal.message(), "error")
    else:
        flash(_("“%(title)s” is published.", title=published.title), "success")
    return redirect(f"/manage/sales/{sale_id}/")


def _edit(found: Sale | None) -> ResponseReturnValue:
    session = house_session()
    form = filled_sale_form(
        found,
        house_currency=current_house().currency,
        choices=queries.conditions_choices(session),
    )
    _offer_presets(form)
    if request.form.get("use_preset"):
        _fill_in_preset(form)
    elif request.method == "POST" and form.validate():
        saved = _saved(form, found)
        if saved is not None:
            flash(_("Saved."), "success")
            return redirect(f"/manage/sales/{saved.id}/")
    page = render_template("manage/sale_form.html", sale=found, form=form, sections=SECTIONS)
    return page, UNPROCESSABLE if form.errors else 200


def _saved(form: SaleForm, found: Sale | None) -> Sale | None:
    """Save what was typed, or put the refusal beside its field."""
    details = form.details(found)
    try:
        if found is None:
            currency = current_house().currency
            return operations.create_sale(
                house_session(), details, currency=currency, actor=actor()
            )
        seen = int(form.version.data or 0)
        return operations.edit_sale(house_session(), found.id, details, actor=actor(), version=seen)
    except (ReferenceInvalid, ReferenceTaken) as refusal:
        form.reference.errors = [refusal.message()]
    except (ChangedMeanwhile, FixedOnceShown) as refusal:
        _complain(form, refusal)
    return None


def _complain(form: SaleForm, refusal: DomainError) -> None:
    form.form_errors.append(refusal.message())
    if isinstance(refusal, ChangedMeanwhile):
        form.version.data = str(refusal.fields["version"])
        form.version.raw_data = None


def _offer_presets(form: SaleForm) -> None:
    if "preset" in form:
        names = {
            "uk-saleroom": _("British saleroom"),
            "us-saleroom": _("American saleroom"),
            "even-steps": _("Even steps"),
            "estate": _("House clearance"),
            "ebay-uk": _("Small steps, as online in Britain"),
            "ebay-us": _("Small steps, as online in America"),
        }
        known = [choice(name, names.get(name, name)) for name in INCREMENTS]
        form.preset.choices = [choice("", _("Choose…")), *known]


def _fill_in_preset(form: SaleForm) -> None:
    """Put a usual table into the form; nothing is saved and all else stays as typed."""
    if form.preset.data in INCREMENTS:
        for name, value in terms_as_typed(
            preset_terms(form.preset.data, form.unit), form.unit
        ).items():
            form[name].data = value
            form[name].raw_data = None
