"""Invoices in the back office: drafting, releasing, crediting, payments, and clients' money."""

import secrets
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.invoicing import operations, postings
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.invoicing.queries import (
    InvoicePage,
    as_row,
    invoice_page,
    select_invoices,
)
from auctionhouse.invoicing.shown import sheet_of
from auctionhouse.invoicing.two_person import BY_HAND, CREDIT
from auctionhouse.invoicing.words import state_words
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.approvals import RepayForm
from auctionhouse.manage.forms.invoices import BuyerForm, CreditForm, PaymentForm
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import INVOICES
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views import invoice_acts
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency


@blueprint.get("/money/invoices")
@staff_required(*STAFF)
def all_invoices() -> ResponseReturnValue:
    """List invoices with clients' money above them."""
    session = house_session()
    sale_id = request.args.get("sale", 0, type=int)
    return shown_list(
        "manage/invoices.html",
        select_invoices(sale_id),
        INVOICES,
        name="invoices",
        each=as_row,
        sale=queries.sale_of(session, sale_id) if sale_id else None,
        client_money=postings.client_money(session),
        state_words=state_words,
        form=EmptyForm(),
    )


@blueprint.post("/sales/<int:sale_id>/invoices")
@staff_required(*STAFF)
def draft_invoices(sale_id: int) -> ResponseReturnValue:
    """Put a sale's sold lots on their buyers' pro-formas."""
    try:
        made = operations.make_proformas(house_session(), sale_id, actor=actor())
    except DomainError as refusal:
        g.failed = True
        flash(refusal.message(), "error")
        return redirect("/manage/money/entities")
    flash(
        ngettext("%(num)d pro-forma is ready.", "%(num)d pro-formas are ready.", len(made)),
        "success",
    )
    return redirect(f"/manage/money/invoices?sale={sale_id}")


@blueprint.route("/money/invoices/<int:invoice_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def invoice(invoice_id: int) -> ResponseReturnValue:
    """Show an invoice with the acts its state allows; posting does the one that was pressed."""
    page = invoice_page(house_session(), invoice_id)
    forms = _forms(page)
    act = request.form.get("act", "")
    if request.method == "POST" and act in _ACTS and forms[act].validate():
        try:
            with house_session().begin_nested():
                moved, said = _ACTS[act](invoice_id, forms[act])
        except DomainError as refusal:
            forms[act].form_errors.append(refusal.message())
        else:
            flash(said, "success")
            return redirect(f"/manage/money/invoices/{moved}")
    shown = render_template(
        "manage/invoice.html", forms=forms, **sheet_of(page), **invoice_acts.around(page)
    )
    return shown, UNPROCESSABLE if any(form.errors for form in forms.values()) else 200


def _forms(page: InvoicePage) -> dict[str, Any]:
    found = page.invoice
    today = services().clock.now().astimezone(house_zone()).date()
    return {
        "release": EmptyForm(),
        "credit": CreditForm(),
        "pay": PaymentForm(
            unit=currency(found.currency),
            data={
                "amount": page.due or None,
                "received_on": today,
                "token": secrets.token_urlsafe(12),
            },
        ),
        "repay": RepayForm(unit=currency(found.currency), data={"paid_on": today}),
        "buyer": BuyerForm(data={**found.buyer, "place": found.place}),
        **invoice_acts.forms_of(page),
    }


def _release(invoice_id: int, _form: Any) -> tuple[int, str]:
    made = operations.release_invoice(house_session(), invoice_id, actor=actor())
    return made.id, _("Released as %(number)s.", number=made.number)


def _credit(invoice_id: int, form: Any) -> tuple[int, str]:
    payload = {"invoice": invoice_id}
    made = ask(house_session(), CREDIT, payload, reason=form.reason.data, actor=actor())
    return invoice_id, asked(made, _("The credit note is made."))


def _pay(invoice_id: int, form: Any) -> tuple[int, str]:
    record_payment(
        house_session(),
        invoice_id,
        form.amount.data,
        form.method.data,
        received_on=form.received_on.data,
        reference=form.reference.data or "",
        token=form.token.data or None,
        actor=actor(),
    )
    return invoice_id, _("Saved.")


def _change(invoice_id: int, form: Any) -> tuple[int, str]:
    place = form.place.data or None
    operations.change_proforma(
        house_session(), invoice_id, form.buyer(), place=place, vat={}, actor=actor()
    )
    return invoice_id, _("Saved.")


def _repay(invoice_id: int, form: Any) -> tuple[int, str]:
    payload = {
        "invoice": invoice_id,
        "amount": form.amount.data,
        "method": form.method.data,
        "paid_on": form.paid_on.data.isoformat(),
        "reference": form.reference.data or "",
    }
    made = ask(
        house_session(), BY_HAND, payload, reason=form.reason.data, actor=actor(),
        token=form.token.data or None,
    )  # fmt: skip
    return invoice_id, asked(made, _("The refund is noted."))


_ACTS: dict[str, invoice_acts.Done] = {
    "release": _release,
    "credit": _credit,
    "pay": _pay,
    "repay": _repay,
    "buyer": _change,
    **invoice_acts.ACTS,
}
