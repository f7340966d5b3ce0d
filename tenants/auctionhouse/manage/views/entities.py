"""The companies a house sells through, and which of them a sale belongs to."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.invoicing.entities import assign_entity, entities, save_entity
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.two_person import ENTITY_BANK
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.invoices import EntityForm, SaleEntityForm
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.current import current_house


@blueprint.get("/money/entities")
@staff_required(*STAFF)
def legal_entities() -> ResponseReturnValue:
    """List the companies the house sells through."""
    return render_template("manage/entities.html", entities=entities(house_session()))


@blueprint.route("/money/entities/new", methods=["GET", "POST"])
@staff_required("owner")
def new_entity() -> ResponseReturnValue:
    """Add a company."""
    return _edit_entity(None)


@blueprint.route("/money/entities/<int:entity_id>", methods=["GET", "POST"])
@staff_required("owner")
def entity(entity_id: int) -> ResponseReturnValue:
    """Change a company; numbers go on from where they are."""
    return _edit_entity(entity_id)


def _edit_entity(entity_id: int | None) -> ResponseReturnValue:
    session = house_session()
    found = session.get(LegalEntity, entity_id) if entity_id else None
    form = EntityForm(obj=found, data={"currency": current_house().currency})
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                said = _saved(found, form.values())
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(said, "success")
            return redirect("/manage/money/entities")
    waiting = waiting_about(session, f"entity:{entity_id}")
    page = render_template("manage/entity.html", entity=found, form=form, waiting=waiting)
    return page, UNPROCESSABLE if form.errors else 200


def _saved(found: LegalEntity | None, values: Mapping[str, Any]) -> str:
    """Save a company; another bank account waits for a second person."""
    session = house_session()
    save_entity(session, None if found is None else found.id, values, actor=actor())
    if found is None or found.bank == values["bank"]:
        return _("Saved.")
    payload = {"entity": found.id, "bank": values["bank"]}
    made = ask(session, ENTITY_BANK, payload, reason=values["bank_reason"], actor=actor())
    return asked(made, _("Saved."))


@blueprint.route("/sales/<int:sale_id>/entity", methods=["GET", "POST"])
@staff_required(*STAFF)
def sale_entity(sale_id: int) -> ResponseReturnValue:
    """Say which company a sale is sold by."""
    session = house_session()
    sale = queries.sale_of(session, sale_id)
    form = SaleEntityForm(entity_id=sale.legal_entity_id or 0)
    form.entity_id.choices = [
        choice(0, _("The first that invoices in %(currency)s", currency=sale.currency)),
        *(choice(one.id, f"{one.name} ({one.currency})") for one in entities(session)),
    ]
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                assign_entity(session, sale_id, form.entity_id.data or None, actor=actor())
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/sales/{sale_id}/entity")
    page = render_template("manage/sale_entity.html", sale=sale, form=form)
    return page, UNPROCESSABLE if form.errors else 200
