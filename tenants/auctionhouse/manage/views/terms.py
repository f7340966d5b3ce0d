"""The rules of bidding: a sale's terms and a lot's own, each with examples the engine works out."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.bidding.bench import PIECES_SHOWN
from auctionhouse.bidding.examples import asked_about, usual_opening, worked_examples
from auctionhouse.bidding.policies import SETTINGS, policies_of
from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.rules import BuyNow
from auctionhouse.bidding.selling import STEPLESS
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import build_terms
from auctionhouse.bidding.way_examples import assumed_buy_now
from auctionhouse.bidding.ways import buy_now_limit, way_problem
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.operations.terms import TermsFrozen, set_lot_terms, set_sale_terms
from auctionhouse.catalogue.refusals import ChangedMeanwhile
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.setting_words import PRESETS, explanations
from auctionhouse.manage.forms.settings import (
    LotTermsForm,
    SettingsForm,
    filled_sale_terms,
    offer_presets,
)
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.lots import lot_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import Currency, currency


@blueprint.route("/sales/<int:sale_id>/terms", methods=["GET", "POST"])
@staff_required(*STAFF)
def sale_terms(sale_id: int) -> ResponseReturnValue:
    """Set the rules all lots of a sale follow."""
    sale = queries.sale_of(house_session(), sale_id)
    unit = currency(sale.currency)
    posted = request.method == "POST"
    form = filled_sale_terms(sale.terms, unit=unit, posted=posted)
    offer_presets(form, {name: str(words) for name, words in PRESETS.items()})
    form.version.data = form.version.data or str(sale.version)
    opening = _usual_opening(sale)
    if posted and not _rearranged(form, unit) and _saved_sale(form, sale, opening or 1):
        flash(_("The terms are saved."), "success")
        return redirect(f"/manage/sales/{sale.id}/terms")
    examples = _examples({**sale.terms, **form.terms()}, None, opening, unit)
    page = render_template(
        "manage/terms.html", sale=sale, lot=None, form=form, examples=examples,
        frozen=_frozen(sale), explained=explanations(),
        policies=[setting.name for setting in SETTINGS],
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200


@blueprint.route("/lots/<int:lot_id>/terms", methods=["GET", "POST"])
@staff_required(*STAFF)
def lot_terms(lot_id: int) -> ResponseReturnValue:
    """Let a lot differ from its sale, setting by setting."""
    lot = lot_of(lot_id)
    sale = queries.sale_of(house_session(), lot.sale_id)
    unit = currency(sale.currency)
    form = LotTermsForm(unit=unit)
    posted = request.method == "POST"
    if not posted:
        form.fill_own(sale.terms, lot.terms or {}, lot.closing_group)
    form.version.data = form.version.data or str(lot.version)
    if posted and not _rearranged(form, unit) and _saved_lot(form, sale, lot):
        flash(_("The lot’s own terms are saved."), "success")
        return redirect(f"/manage/lots/{lot.id}/terms")
    examples = _examples(sale.terms, form.own(), lot.opening, unit, lot)
    page = render_template(
        "manage/terms.html", sale=sale, lot=lot, form=form, examples=examples,
        frozen=_frozen(sale), explained=explanations(),
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200


def _rearranged(form: SettingsForm, unit: Currency) -> bool:
    """Do what a button of the table asks; nothing is saved and all else stays as typed."""
    act, _dash, place = request.form.get("do", "save").partition("-")
    if act == "add":
        form.increments.add_row()
    elif act == "remove" and place.isdecimal():
        form.increments.remove_row(int(place[:4]))
    elif act == "preset" and request.form.get("preset") in INCREMENTS:
        usual = preset_terms(request.form["preset"], unit)
        form.increments.show(usual["increments"])
        form.bound.data = usual["bound"]
        form.bound.raw_data = None
    return act != "save"


def _saved_sale(form: Any, sale: Sale, opening: int) -> bool:
    terms = form.check(sale.terms, opening)
    if terms is None:
        return False
    try:
        set_sale_terms(house_session(), sale.id, terms, actor=actor(), version=_version(form))
    except (ChangedMeanwhile, TermsFrozen) as refusal:
        _complain(form, refusal)
        return False
    return True


def _saved_lot(form: LotTermsForm, sale: Sale, lot: Lot) -> bool:
    own = form.check(sale.terms, lot.terms or {}, lot.opening, lot.reserve, lot.quantity)
    if own is None:
        return False
    group = form.closing_group.data or ""
    try:
        set_lot_terms(
            house_session(), lot.id, own, closing_group=group, actor=actor(),
            version=_version(form),
        )  # fmt: skip
    except (ChangedMeanwhile, TermsFrozen) as refusal:
        _complain(form, refusal)
        return False
    return True


def _version(form: SettingsForm) -> int:
    text = form.version.data or ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0  # noqa: PLR2004 - digits of a version


def _complain(form: SettingsForm, refusal: DomainError) -> None:
    form.form_errors.append(refusal.message())
    if isinstance(refusal, ChangedMeanwhile):
        form.version.data = str(refusal.fields["version"])
        form.version.raw_data = None


def _usual_opening(sale: Sale) -> int | None:
    """Return the opening of the sale's first lot, for examples; None without lots."""
    query = select(Lot.opening).where(Lot.sale_id == sale.id).order_by(Lot.number, Lot.suffix)
    return house_session().scalar(query.limit(1))


def _examples(
    terms: dict[str, Any],
    own: dict[str, Any] | None,
    opening: int | None,
    unit: Currency,
    lot: Lot | None = None,
) -> dict[str, list[str]]:
    """Return the worked examples of terms, none while they are incomplete."""
    merged = {**terms, **(own or {})}
    if merged.get("format") in STEPLESS and not merged.get("increments"):
        steps = {"increments": preset_terms(next(iter(INCREMENTS)), unit)["increments"]}
        terms, merged = {**terms, **steps}, {**merged, **steps}
    if not merged.get("increments") or way_problem(merged):
        return {}
    opening = opening or usual_opening(merged)
    try:
        made = build_terms(
            terms, own or None, opening, lot.reserve if lot else None, _pieces(lot),
            buy_now=_buy_now(merged, opening, lot),
        )  # fmt: skip
        allowed = policies_of(merged)
    except TermsInvalid:
        return {}
    locale = str(reader_locale())
    return {
        **worked_examples(made, unit, locale),
        "confirm_times_asking": asked_about(made, allowed, unit, locale),
    }


def _buy_now(merged: dict[str, Any], opening: int, lot: Lot | None) -> BuyNow:
    """Return for how much the lot is had at once, or what an example assumes."""
    low, high = (lot.estimate_low, lot.estimate_high) if lot else (None, None)
    if lot is None or lot.buy_now is None:
        return assumed_buy_now(merged, max(opening, (lot and lot.reserve) or 0), low, high)
    return BuyNow(lot.buy_now, buy_now_limit(merged, low, high))


def _pieces(lot: Lot | None) -> int:
    """Return for how many pieces an example is told."""
    return lot.quantity if lot and lot.quantity > 1 else PIECES_SHOWN


def _frozen(sale: Sale) -> str:
    """Return why the terms can no longer change, or nothing while they can."""
    return "" if sale.state == "draft" else TermsFrozen().message()
