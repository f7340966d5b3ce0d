"""The queue of registrations: approve, decline, suspend, limit."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.audit_words import acts_on
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.columns import REGISTRATIONS
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.people import LimitForm, ReasonForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.queries import people
from auctionhouse.manage.queries import sales as sale_queries
from auctionhouse.members.access import staff_required
from auctionhouse.registrations import operations
from auctionhouse.registrations.models import Registration
from auctionhouse.registrations.rules import REGISTRATION_TRANSITIONS
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency

STATES = tuple(REGISTRATION_TRANSITIONS)


@blueprint.get("/registrations/")
@staff_required(*STAFF)
def registrations() -> ResponseReturnValue:
    """List registrations, those that wait first."""
    session = house_session()
    state = request.args.get("state")
    sale_id = request.args.get("sale", type=int)
    return shown_list(
        "manage/registrations.html",
        people.registrations(sale_id, state if state in STATES else None),
        REGISTRATIONS,
        name="registrations",
        sale=sale_queries.sale_of(session, sale_id) if sale_id else None,
        state=state,
        states=STATES,
        form=EmptyForm(),
    )


@blueprint.get("/registrations/<int:registration_id>")
@staff_required(*STAFF)
def registration(registration_id: int) -> ResponseReturnValue:
    """Show one registration with the acts on it."""
    return _page(registration_id, ReasonForm(), None)


@blueprint.post("/registrations/<int:registration_id>/<any(approve,decline,suspend):decision>")
@staff_required(*STAFF)
def decide(registration_id: int, decision: str) -> ResponseReturnValue:
    """Take a decision and say what came of it."""
    form = ReasonForm()
    session = house_session()
    if not form.validate():
        return _page(registration_id, form, None)
    reason = form.reason.data or ""
    try:
        if decision == "approve":
            done = operations.approve(session, registration_id, actor=actor())
            flash(_("Approved with paddle %(paddle)s.", paddle=done.paddle), "success")
        elif decision == "decline":
            operations.decline(session, registration_id, reason, actor=actor())
            flash(_("Declined."), "success")
        else:
            operations.suspend(session, registration_id, reason, actor=actor())
            flash(_("Suspended; no further bid is taken."), "success")
    except DomainError as refusal:
        form.reason.errors = [refusal.message()]
        return _page(registration_id, form, None)
    return redirect(_back(registration_id))


@blueprint.post("/registrations/<int:registration_id>/limit")
@staff_required(*STAFF)
def limit(registration_id: int) -> ResponseReturnValue:
    """Set or lift the limit for one lot."""
    found = _registration(registration_id)
    sale = sale_queries.sale_of(house_session(), found.sale_id)
    form = LimitForm(unit=currency(sale.currency))
    if not form.validate():
        return _page(registration_id, ReasonForm(formdata=None), form)
    operations.limit(house_session(), registration_id, form.bid_limit.data, actor=actor())
    flash(_("The limit is saved."), "success")
    return redirect(_back(registration_id))


def _page(
    registration_id: int, reason: ReasonForm, limit_form: LimitForm | None
) -> ResponseReturnValue:
    session = house_session()
    found = _registration(registration_id)
    sale = sale_queries.sale_of(session, found.sale_id)
    page = render_template(
        "manage/registration.html",
        registration=found,
        sale=sale,
        client=people.client_of_registration(session, found),
        decisions=tuple(REGISTRATION_TRANSITIONS[found.state]),
        reason_form=reason,
        limit_form=limit_form or LimitForm(formdata=None, obj=found, unit=currency(sale.currency)),
        acts=acts_on(session, f"registration:{found.id}"),
    )
    wrong = reason.errors or (limit_form is not None and limit_form.errors)
    return page, 422 if wrong else 200


def _registration(registration_id: int) -> Registration:
    found = house_session().get(Registration, registration_id)
    if found is None:
        raise NotFound
    return found


def _back(registration_id: int) -> str:
    """Return to the queue the act was started from, or to the registration's own page."""
    if request.form.get("back") == "queue":
        return "/manage/registrations/"
    return f"/manage/registrations/{registration_id}"
