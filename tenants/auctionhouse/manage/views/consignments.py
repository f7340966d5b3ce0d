"""What consignors bring and are told: receipts, the advice before a sale, results after it."""

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.consignors.letters import ADVICE, RECEIPT, RESULTS, send_letter
from auctionhouse.consignors.operations.intake import receive
from auctionhouse.consignors.operations.payees import address_of
from auctionhouse.consignors.queries import one as queries
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.intake import ROWS, IntakeForm, ItemRow, read_rows, rows_typed
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.views.consignors import house_today
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.current import current_house


@blueprint.route("/consignors/<int:client_id>/receipts/new", methods=["GET", "POST"])
@staff_required(*STAFF)
def new_receipt(client_id: int) -> ResponseReturnValue:
    """Enter what a consignor brought."""
    session = house_session()
    client = queries.client_of(session, client_id)
    unit = currency(current_house().currency)
    form = IntakeForm(data={"received_on": house_today()})
    rows = rows_typed(request.form) if request.method == "POST" else []
    wrong = False
    if request.form.get("do") == "save":
        things, rows = read_rows(rows, unit)
        wrong = any(row.errors for row in rows)
        if form.validate() and not wrong and form.received_on.data is not None:
            try:
                made = receive(
                    session, client_id, things, currency=unit.code,
                    received_on=form.received_on.data, place=form.place.data or "",
                    note=(form.note.data or "").strip(), token=form.token.data or None,
                    actor=actor(),
                )  # fmt: skip
            except DomainError as refusal:
                g.failed = True
                form.form_errors.append(refusal.message())
            else:
                flash(_("Receipt %(number)s is written.", number=made.number), "success")
                return redirect(f"/manage/receipts/{made.id}")
    more = ROWS if request.form.get("do") == "more" else max(ROWS - len(rows), 1)
    page = render_template(
        "manage/receipt_form.html", client=client, form=form, unit=unit.code,
        rows=[*rows, *(ItemRow() for _row in range(more))],
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors or wrong else 200


@blueprint.get("/receipts/<int:intake_id>")
@staff_required(*STAFF)
def receipt(intake_id: int) -> ResponseReturnValue:
    """Show a receipt."""
    session = house_session()
    found = queries.receipt_of(session, intake_id)
    client = queries.client_of(session, found.client_id)
    return render_template(
        "manage/receipt.html", receipt=found, client=client, form=EmptyForm(),
        items=queries.items_of(session, found.id), address=address_of(session, client),
    )  # fmt: skip


@blueprint.post("/receipts/<int:intake_id>/send")
@staff_required(*STAFF)
def send_receipt(intake_id: int) -> ResponseReturnValue:
    """Mail a receipt to its consignor."""
    found = queries.receipt_of(house_session(), intake_id)
    if EmptyForm().validate():
        _sent(RECEIPT, found.client_id, found.id)
    return redirect(f"/manage/receipts/{intake_id}")


@blueprint.get("/consignors/<int:client_id>/sales/<int:sale_id>")
@staff_required(*STAFF)
def consigned_sale(client_id: int, sale_id: int) -> ResponseReturnValue:
    """Show a consignor's lots in a sale: the advice before it, the results after it."""
    session = house_session()
    client = queries.client_of(session, client_id)
    return render_template(
        "manage/consigned_sale.html", client=client, form=EmptyForm(),
        sale=queries.one_sale_of(session, client_id, sale_id),
        address=address_of(session, client),
    )  # fmt: skip


@blueprint.post("/consignors/<int:client_id>/sales/<int:sale_id>/send")
@staff_required(*STAFF)
def send_sale_letter(client_id: int, sale_id: int) -> ResponseReturnValue:
    """Mail the advice before a sale, or the results after it."""
    sale = queries.one_sale_of(house_session(), client_id, sale_id)
    if sale.state == "draft":
        raise NotFound(sale=sale_id)
    if EmptyForm().validate():
        _sent(RESULTS if sale.over else ADVICE, client_id, sale_id)
    return redirect(f"/manage/consignors/{client_id}/sales/{sale_id}")


@blueprint.post("/sales/<int:sale_id>/consignors/send")
@staff_required(*STAFF)
def send_sale_letters(sale_id: int) -> ResponseReturnValue:
    """Mail the advice or the results to every consignor of a sale who has an address."""
    session = house_session()
    if EmptyForm().validate():
        reached = [
            client_id
            for client_id in queries.vendors_of(session, sale_id)
            if send_letter(
                session,
                RESULTS if queries.one_sale_of(session, client_id, sale_id).over else ADVICE,
                client_id,
                sale_id,
                actor=actor(),
            )
        ]
        flash(_("%(n)s consignors are written to.", n=len(reached)), "success")
    return redirect(f"/manage/money/statements?sale={sale_id}")


def _sent(letter: str, client_id: int, subject_id: int) -> None:
    if send_letter(house_session(), letter, client_id, subject_id, actor=actor()):
        flash(_("The mail is on its way."), "success")
    else:
        flash(_("This consignor has no e-mail address: print the paper instead."), "error")
