"""Collecting in the back office: what is overdue, a buyer's account, an entity's rules."""

from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.collecting.queries import Overdue, select_overdue
from auctionhouse.collecting.settings import FIELDS, rules_of, save_rules
from auctionhouse.deposits.models import SaleDeposit
from auctionhouse.deposits.operations import Asked, ask_of_sale
from auctionhouse.handover.operations import hold_back, lift_hold
from auctionhouse.handover.queries import standing_holds
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.queries import invoices_of
from auctionhouse.invoicing.statements import statements_of
from auctionhouse.invoicing.two_person import PAY_BACK
from auctionhouse.invoicing.words import act_words, state_words
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.collecting import (
    CollectingForm,
    CreditRefundForm,
    DepositForm,
    GivenReasonForm,
    HoldForm,
)
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import overdue_columns
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Client
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency


def _today() -> date:
    return services().clock.now().astimezone(house_zone()).date()


@blueprint.get("/money/overdue")
@staff_required(*STAFF)
def overdue_invoices() -> ResponseReturnValue:
    """List what is overdue, the oldest first."""
    today = _today()
    return shown_list(
        "manage/overdue.html", select_overdue(today), overdue_columns(today), name="overdue",
        each=lambda row: Overdue(*row), today=today,
    )  # fmt: skip


@blueprint.route("/money/entities/<int:entity_id>/collecting", methods=["GET", "POST"])
@staff_required("owner")
def collecting(entity_id: int) -> ResponseReturnValue:
    """Show and set how an entity collects."""
    session = house_session()
    entity = session.get(LegalEntity, entity_id)
    if entity is None:
        raise NotFound(entity=entity_id)
    rules = rules_of(session, entity_id)
    form = CollectingForm(
        unit=currency(entity.currency), data={name: getattr(rules, name) for name in FIELDS}
    )
    if request.method == "POST" and form.validate():
        save_rules(session, entity_id, form.values(), actor=actor())
        flash(_("Saved."), "success")
        return redirect("/manage/money/entities")
    page = render_template("manage/collecting.html", entity=entity, form=form)
    return page, UNPROCESSABLE if form.errors else 200


@blueprint.route("/clients/<int:client_id>/money", methods=["GET", "POST"])
@staff_required(*STAFF)
def client_money(client_id: int) -> ResponseReturnValue:
    """Show a buyer's account; posting pays credit back, or sets and lifts a hold."""
    session = house_session()
    client = session.get(Client, client_id)
    if client is None:
        raise NotFound(client=client_id)
    statements = statements_of(session, client_id)
    forms = _account_forms(statements)
    act = request.form.get("act", "")
    if request.method == "POST" and act in forms and forms[act].validate():
        try:
            with session.begin_nested():
                said = _do(client_id, act.partition("-")[0], forms[act])
        except DomainError as refusal:
            forms[act].form_errors.append(refusal.message())
        else:
            flash(said, "success")
            return redirect(f"/manage/clients/{client_id}/money")
    page = render_template(
        "manage/client_money.html",
        client=client,
        statements=statements,
        rows=invoices_of(session, client_id),
        holds=standing_holds(session, client_id),
        forms=forms,
        waiting=waiting_about(session, f"client:{client_id}"),
        act_words=act_words,
        state_words=state_words,
    )
    return page, UNPROCESSABLE if any(form.errors for form in forms.values()) else 200


def _account_forms(statements: list[Any]) -> dict[str, Any]:
    forms: dict[str, Any] = {
        "hold": HoldForm(prefix="hold-"),
        "lift-due_diligence": GivenReasonForm(prefix="lift-due_diligence-"),
        "lift-other": GivenReasonForm(prefix="lift-other-"),
    }
    for found in statements:
        name = f"refund-{found.entity.id}"
        forms[name] = CreditRefundForm(
            unit=currency(found.currency),
            prefix=f"{name}-",
            data={"entity_id": found.entity.id, "paid_on": _today()},
        )
    return forms


def _do(client_id: int, act: str, form: Any) -> str:
    session = house_session()
    if act == "hold":
        hold_back(session, client_id, form.kind.data, form.reason.data, actor=actor())
    elif act == "lift":
        kind = form._prefix.removeprefix("lift-").removesuffix("-")  # noqa: SLF001 - WTForms' own
        lift_hold(session, client_id, kind, reason=form.reason.data, actor=actor())
    else:
        return _pay_back(client_id, form)
    return _("Saved.")


def _pay_back(client_id: int, form: Any) -> str:
    payload = {
        "client": client_id,
        "entity": int(form.entity_id.data),
        "amount": form.amount.data,
        "paid_on": form.paid_on.data.isoformat(),
        "reference": form.reference.data or "",
    }
    made = ask(
        house_session(), PAY_BACK, payload, reason=form.reason.data, actor=actor(),
        token=form.token.data or None,
    )  # fmt: skip
    return asked(made, _("The credit is paid back."))


@blueprint.route("/sales/<int:sale_id>/deposit", methods=["GET", "POST"])
@staff_required(*STAFF)
def sale_deposit(sale_id: int) -> ResponseReturnValue:
    """Show and set what a sale asks of bidders who want to bid high."""
    session = house_session()
    sale = queries.sale_of(session, sale_id)
    found = session.get(SaleDeposit, sale_id)
    form = DepositForm(unit=currency(sale.currency), obj=found)
    if request.method == "POST" and form.validate():
        asked = None
        if form.way.data:
            asked = Asked(form.way.data, form.amount.data, form.above.data)
        try:
            ask_of_sale(session, sale_id, asked, actor=actor())
        except DomainError as refusal:
            g.failed = True
            form.form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/sales/{sale_id}/deposit")
    page = render_template("manage/sale_deposit.html", sale=sale, form=form)
    return page, UNPROCESSABLE if form.errors else 200
