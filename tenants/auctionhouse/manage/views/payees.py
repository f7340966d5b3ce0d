"""Whom a consignor's money goes to: shown, changed by two people."""

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.consignors.accounts import BankAccount
from auctionhouse.consignors.models import Payee
from auctionhouse.consignors.operations.payees import (
    account_of,
    propose_payees,
    refuse_payees,
)
from auctionhouse.consignors.operations.settings import vendor_settings
from auctionhouse.consignors.queries.one import PayeesOf, client_of, payees_page
from auctionhouse.consignors.refusals import PayeesInvalid
from auctionhouse.consignors.two_person import PAYEES
from auctionhouse.consignors.words import payee_words, share_words
from auctionhouse.invoicing.entities import entities
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.payees import (
    MORE_ROWS,
    PayeeRow,
    PayeesForm,
    empty_row,
    read_rows,
    rows_typed,
)
from auctionhouse.manage.forms.settlement import AskAgainForm
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.settlement.queries.consignors import claim_of, left_of
from auctionhouse.settlement.rules import account_waits
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import plain_amount
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.current import current_house


@blueprint.route("/consignors/<int:client_id>/payees", methods=["GET", "POST"])
@staff_required(*STAFF)
def payees(client_id: int) -> ResponseReturnValue:
    """Show a consignor's payees; posting proposes a change that a second person approves."""
    session = house_session()
    client = client_of(session, client_id)
    found = payees_page(session, client_id)
    form = PayeesForm(data={"currency": current_house().currency})
    form.currency.choices = [choice(code, code) for code in _currencies()]
    rows = [_as_typed(payee) for payee in found.payees] or [empty_row()]
    wrong = False
    if request.method == "POST":
        rows = rows_typed(request.form, {str(one.id): one.masked for one in found.payees})
        if request.form.get("do") == "more":
            rows += [empty_row() for _row in range(MORE_ROWS)]
        elif form.validate():
            kept, rows = _proposed(client_id, form, rows, found)
            if kept:
                return redirect(f"/manage/consignors/{client_id}/payees")
            wrong = True
    waiting = found.proposed and waiting_about(session, f"instruction:{found.proposed.id}")
    page = render_template(
        "manage/payees.html", client=client, page=found, form=form, rows=rows or [empty_row()],
        waiting=waiting, words=payee_words, until=_until(found), again=AskAgainForm(formdata=None),
        put_away=EmptyForm(formdata=None),
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors or wrong else 200


def _currencies() -> list[str]:
    own = {entity.currency for entity in entities(house_session())}
    return sorted(own | {current_house().currency})


def _proposed(
    client_id: int, form: PayeesForm, rows: list[PayeeRow], found: PayeesOf
) -> tuple[bool, list[PayeeRow]]:
    """Propose what was typed and ask for it; the rows come back with what is wrong."""
    session = house_session()
    read, rows = read_rows(rows, _known(found.payees), currency(form.currency.data))
    if any(row.errors for row in rows):
        return False, rows
    reason = (form.reason.data or "").strip() or _("New payees")
    try:
        with session.begin_nested():
            made = propose_payees(session, client_id, read, reason=reason, actor=actor())
            request_made = ask(
                session, PAYEES, {"instruction": made.id}, reason=reason, actor=actor()
            )
    except PayeesInvalid as refusal:
        place, name = refusal.fields["row"], refusal.fields["field"]
        if place is None:
            form.form_errors.append(refusal.message())
        else:
            rows[place] = PayeeRow(rows[place].typed, rows[place].masked, {name: refusal.message()})
        return False, rows
    except DomainError as refusal:
        form.form_errors.append(refusal.message())
        return False, rows
    flash(asked(request_made, _("The payees are changed.")), "success")
    return True, rows


def _known(current: Any) -> dict[str, BankAccount]:
    session = house_session()
    opened = {str(payee.id): account_of(session, payee) for payee in current}
    return {name: account for name, account in opened.items() if account is not None}


def _as_typed(payee: Payee) -> PayeeRow:
    """Return a payee in force as a row to change; the account stays known by its mask."""
    session = house_session()
    if payee.rule == "share":
        value = share_words(claim_of(session, payee, "").share)
    else:
        value = plain_amount(left_of(session, payee), payee.currency or "")
    typed = {
        "rule": payee.rule, "name": payee.name, "value": value, "reference": payee.reference,
        "kind": payee.kind or "uk", "known": str(payee.id),
    }  # fmt: skip
    return PayeeRow(typed, payee.masked)


def _until(found: PayeesOf) -> dict[int, Any]:
    """Return until when each new account is held."""
    days = vendor_settings(house_session()).bank_days
    now = services().clock.now()
    return {
        payee.id: account_waits(payee.known_since, days, now)
        for payee in found.payees
        if payee.kind is not None
    }


@blueprint.post("/consignors/<int:client_id>/payees/ask")
@staff_required(*STAFF)
def ask_for_payees(client_id: int) -> ResponseReturnValue:
    """Ask once more for a change that nobody decided."""
    session = house_session()
    found = payees_page(session, client_id)
    form = AskAgainForm()
    if found.proposed is None:
        raise NotFound
    if form.validate():
        try:
            with session.begin_nested():
                made = ask(
                    session, PAYEES, {"instruction": found.proposed.id},
                    reason=form.reason.data or "", actor=actor(),
                )  # fmt: skip
        except DomainError as refusal:
            flash(refusal.message(), "error")
        else:
            flash(asked(made, _("The payees are changed.")), "success")
    else:
        flash(_("Say why: whoever approves reads it."), "error")
    return redirect(f"/manage/consignors/{client_id}/payees")


@blueprint.post("/consignors/<int:client_id>/payees/put-away")
@staff_required(*STAFF)
def put_payees_away(client_id: int) -> ResponseReturnValue:
    """Give a proposed change up."""
    found = payees_page(house_session(), client_id)
    if found.proposed is not None and EmptyForm().validate():
        refuse_payees(house_session(), found.proposed.id, actor=actor())
        flash(_("Put away. The payees in force stay."), "success")
    return redirect(f"/manage/consignors/{client_id}/payees")
