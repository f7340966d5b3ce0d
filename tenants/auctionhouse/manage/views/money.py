"""Money in the back office: a sale's terms, a lot's own, artists' files, and a trial of terms."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.catalogue.models import Sale
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.money import (
    SECTIONS,
    TRIAL_SECTIONS,
    ArtistForm,
    LotMoneyForm,
    MoneyTermsForm,
    TrialForm,
    bands_as_typed,
    terms_as_typed,
)
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.lots import lot_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.money import operations
from auctionhouse.money.calculation_format import plain, read_invoice
from auctionhouse.money.models import Artist
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.rules import Calculation, calculate
from auctionhouse.money.stored import USUAL_TREATMENT, told_terms
from auctionhouse.money.words import line_words
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.current import current_house


@blueprint.get("/money/try")
@staff_required(*STAFF)
def try_terms() -> ResponseReturnValue:
    """Reckon one lot by typed terms; nothing is saved."""
    form = TrialForm(request.args or None, meta={"csrf": False})
    found: Calculation | None = None
    unit = current_house().currency
    if request.args:
        found = _tried(form, unit)
    page = render_template(
        "manage/money_trial.html",
        form=form,
        sections=TRIAL_SECTIONS,
        found=found,
        unit=unit,
        line_words=line_words,
        plain=plain,
    )
    return page, UNPROCESSABLE if request.args and found is None else 200


def _tried(form: TrialForm, unit: str) -> Calculation | None:
    try:
        told = read_invoice(form.line(unit), 1, services().clock.now().date())
        return calculate(
            told.lots, told.terms, told.currency, sale_date=told.sale_date, vendor=told.vendor
        )
    except DomainError as refusal:
        _complain(form, refusal)
    return None


def _complain(form: Any, refusal: DomainError) -> None:
    if isinstance(refusal, ReckoningInvalid):
        form.refuse(refusal.fields["key"], refusal.fields["problem"])
    else:
        form.form_errors.append(refusal.message())


@blueprint.route("/sales/<int:sale_id>/money", methods=["GET", "POST"])
@staff_required(*STAFF)
def sale_money(sale_id: int) -> ResponseReturnValue:
    """Show and, in a draft, change what a sale's buyers are charged."""
    sale = queries.sale_of(house_session(), sale_id)
    told = told_terms(sale.money, sale.premium_percent)
    typed = {**terms_as_typed(told), "treatment": sale.money.get("treatment", USUAL_TREATMENT)}
    form = MoneyTermsForm(data=typed)
    if request.method == "POST" and form.validate() and _kept(form, sale):
        flash(_("Saved."), "success")
        return redirect(f"/manage/sales/{sale_id}/money")
    page = render_template("manage/sale_money.html", sale=sale, form=form, sections=SECTIONS)
    return page, UNPROCESSABLE if form.errors else 200


def _kept(form: MoneyTermsForm, sale: Sale) -> bool:
    try:
        operations.set_sale_money(
            house_session(), sale.id, form.told(), form.treatment.data, actor=actor()
        )
    except DomainError as refusal:
        _complain(form, refusal)
        return False
    return True


@blueprint.route("/lots/<int:lot_id>/money", methods=["GET", "POST"])
@staff_required(*STAFF)
def lot_money(lot_id: int) -> ResponseReturnValue:
    """Change a lot's VAT treatment, artist and own premium."""
    session = house_session()
    lot = lot_of(lot_id)
    form = LotMoneyForm(
        data={
            "vat": lot.vat or "",
            "artist_id": lot.artist_id or 0,
            "bought_from_artist_on": lot.bought_from_artist_on,
            "premium": bands_as_typed(lot.premium or []),
        }
    )
    form.artist_id.choices = [choice(0, _("None")), *_artist_choices()]
    if request.method == "POST" and form.validate():
        try:
            operations.set_lot_money(
                session,
                lot_id,
                vat=form.vat.data or None,
                artist_id=form.artist_id.data or None,
                bought_from_artist_on=form.bought_from_artist_on.data,
                premium=form.own_premium(),
                actor=actor(),
            )
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/lots/{lot_id}")
    sale = queries.sale_of(session, lot.sale_id)
    page = render_template("manage/lot_money.html", lot=lot, sale=sale, form=form)
    return page, UNPROCESSABLE if form.errors else 200


def _artist_choices() -> list[Any]:
    rows = house_session().execute(select(Artist.id, Artist.name).order_by(Artist.name))
    return [choice(row.id, row.name) for row in rows]


@blueprint.route("/money/artists", methods=["GET", "POST"])
@staff_required(*STAFF)
def artists() -> ResponseReturnValue:
    """List artists' files; saving a known name corrects its file."""
    session = house_session()
    form = ArtistForm()
    if request.method == "POST" and form.validate():
        operations.save_artist(
            session,
            form.name.data or "",
            form.nationality.data or "",
            born=form.born.data,
            died=form.died.data,
            actor=actor(),
        )
        flash(_("Saved."), "success")
        return redirect("/manage/money/artists")
    known = session.scalars(select(Artist).order_by(Artist.name)).all()
    page = render_template("manage/artists.html", form=form, artists=known)
    return page, UNPROCESSABLE if form.errors else 200
