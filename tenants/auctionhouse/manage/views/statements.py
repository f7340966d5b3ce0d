"""Settlement statements in the back office: drafted, released, corrected, held, set off."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.consignors.queries.one import client_of
from auctionhouse.invoicing.entities import entities
from auctionhouse.invoicing.queries import invoices_of
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.settlement import (
    ContraForm,
    CounterForm,
    HoldForm,
    ReturnedForm,
)
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import STATEMENTS
from auctionhouse.manage.queries import sales as sale_queries
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.settlement.operations.contra import set_off
from auctionhouse.settlement.operations.corrections import counter_statement
from auctionhouse.settlement.operations.holds import hold_lot, lift_hold
from auctionhouse.settlement.operations.returned import take_back
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionhouse.settlement.queries.statements import (
    STATES,
    StatementPage,
    drafts_of,
    select_statements,
    statement_page,
    unstated_lots,
    waiting_groups,
)
from auctionhouse.settlement.shown import statement_sheet
from auctionhouse.settlement.words import kind_words, waits_words
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.current import current_house


@blueprint.get("/money/statements")
@staff_required(*STAFF)
def all_statements() -> ResponseReturnValue:
    """List statements, of one sale if named, with what of the sale is on none."""
    session = house_session()
    sale_id = request.args.get("sale", 0, type=int)
    show = request.args.get("show", "all")
    if show not in STATES:
        raise NotFound
    words = {
        "all": _("All"), "draft": _("Drafts"), "open": _("To be paid"), "settled": _("Settled"),
    }  # fmt: skip
    return shown_list(
        "manage/statements.html",
        select_statements(sale_id=sale_id, show=show),
        STATEMENTS,
        name="statements",
        drafts=bool(sale_id and drafts_of(session, sale_id)),
        sale=sale_queries.sale_of(session, sale_id) if sale_id else None,
        unstated=unstated_lots(session, sale_id) if sale_id else [],
        show=show, filters=words, kind_words=kind_words, form=EmptyForm(),
    )  # fmt: skip


@blueprint.post("/sales/<int:sale_id>/statements")
@staff_required(*STAFF)
def make_statements(sale_id: int) -> ResponseReturnValue:
    """Draft a statement for each consignor of a closed sale."""
    try:
        made = draft_statements(house_session(), sale_id, actor=actor())
    except DomainError as refusal:
        g.failed = True
        flash(refusal.message(), "error")
    else:
        flash(
            ngettext("%(num)d draft is ready.", "%(num)d drafts are ready.", len(made)), "success"
        )
    return redirect(f"/manage/money/statements?sale={sale_id}")


@blueprint.post("/sales/<int:sale_id>/statements/release")
@staff_required(*STAFF)
def release_statements(sale_id: int) -> ResponseReturnValue:
    """Release every draft of a sale."""
    session = house_session()
    drafts = drafts_of(session, sale_id)
    try:
        for draft in drafts:
            release_statement(session, draft, actor=actor())
    except DomainError as refusal:
        g.failed = True
        flash(refusal.message(), "error")
    else:
        flash(
            ngettext(
                "%(num)d statement is released.", "%(num)d statements are released.", len(drafts)
            ),
            "success",
        )
    return redirect(f"/manage/money/statements?sale={sale_id}")


@blueprint.route("/money/statements/<int:statement_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def statement(statement_id: int) -> ResponseReturnValue:
    """Show a statement with the acts its state allows; posting does the one that was pressed."""
    page = statement_page(house_session(), statement_id)
    forms = _forms(page)
    act = request.form.get("act", "")
    if request.method == "POST" and act in _ACTS and forms[act].validate():
        try:
            moved = _ACTS[act](statement_id, forms[act])
        except DomainError as refusal:
            g.failed = True
            forms[act].form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/money/statements/{moved}")
    shown = render_template("manage/statement.html", forms=forms, **statement_sheet(page))
    return shown, UNPROCESSABLE if any(form.errors for form in forms.values()) else 200


def _forms(page: StatementPage) -> dict[str, Any]:
    live = [view for view in page.parts if view.part.lot_id is not None and view.part.live]
    free = [view for view in live if view.state in {"waits", "payable"} and not view.held]

    def lots(views: list[Any]) -> list[Any]:
        return [choice(v.part.lot_id, f"{v.part.label} · {v.part.title}") for v in views]

    forms: dict[str, Any] = {
        "release": EmptyForm(), "counter": CounterForm(), "hold": HoldForm(),
        "lift": HoldForm(data={"reason": "–"}),
    }  # fmt: skip
    forms["counter"].lots.choices = lots(live)
    forms["hold"].lot_id.choices = lots(free)
    forms["lift"].lot_id.choices = lots([view for view in live if view.held])
    return forms


def _release(statement_id: int, _form: Any) -> int:
    return release_statement(house_session(), statement_id, actor=actor()).id


def _counter(statement_id: int, form: Any) -> int:
    lots, reason = set(form.lots.data), form.reason.data
    return counter_statement(house_session(), statement_id, lots, reason, actor=actor()).id


def _hold(statement_id: int, form: Any) -> int:
    hold_lot(house_session(), form.lot_id.data, form.reason.data, actor=actor())
    return statement_id


def _lift(statement_id: int, form: Any) -> int:
    lift_hold(house_session(), form.lot_id.data, actor=actor())
    return statement_id


_ACTS: dict[str, Callable[[int, Any], int]] = {
    "release": _release,
    "counter": _counter,
    "hold": _hold,
    "lift": _lift,
}


@blueprint.route("/consignors/<int:client_id>/account", methods=["GET", "POST"])
@staff_required(*STAFF)
def vendor_account(client_id: int) -> ResponseReturnValue:
    """Show what is open with a consignor; pay their invoice from it, or enter money they return."""
    session = house_session()
    client = client_of(session, client_id)
    unit = current_house().currency
    forms = {
        "contra": ContraForm(unit=currency(unit)),
        "returned": ReturnedForm(unit=currency(unit)),
    }
    due = [row for row in invoices_of(session, client_id) if row.due and row.currency == unit]
    own = [one for one in entities(session) if one.currency == unit]
    forms["contra"].invoice_id.choices = [
        choice(row.id, f"{row.number} · {money(row.due, row.currency)}") for row in due
    ]
    forms["returned"].entity_id.choices = [choice(one.id, one.name) for one in own]
    act = request.form.get("act", "")
    if request.method == "POST" and act in forms and forms[act].validate():
        try:
            made = (
                _set_off(client_id, forms[act]) if act == "contra" else _back(client_id, forms[act])
            )
        except DomainError as refusal:
            g.failed = True
            forms[act].form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/money/statements/{made}")
    page = render_template(
        "manage/vendor_account.html", client=client, forms=forms, due=due, unit=unit,
        groups=waiting_groups(session, client_id), waits_words=waits_words,
        entity_names={one.id: one.name for one in entities(session)},
    )  # fmt: skip
    return page, UNPROCESSABLE if any(form.errors for form in forms.values()) else 200


def _set_off(client_id: int, form: Any) -> int:
    return set_off(
        house_session(), client_id, form.invoice_id.data, form.amount.data,
        token=form.token.data or None, actor=actor(),
    ).id  # fmt: skip


def _back(client_id: int, form: Any) -> int:
    return take_back(
        house_session(), client_id, form.entity_id.data, form.amount.data, form.reason.data,
        token=form.token.data or None, actor=actor(),
    ).id  # fmt: skip
