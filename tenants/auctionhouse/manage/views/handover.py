"""Handing over in the back office: release orders, collection, parcels."""

from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.handover.operations import collect_lots, pack_parcel
from auctionhouse.handover.queries import OrderPage, order_page, select_orders
from auctionhouse.handover.refusals import HeldBack
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.collecting import CollectForm, ParcelForm
from auctionhouse.manage.forms.fields import cleaned
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import RELEASE_ORDERS
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError


@blueprint.get("/money/release/")
@staff_required(*STAFF)
def release_orders() -> ResponseReturnValue:
    """List release orders, those with lots still here first."""
    return shown_list(
        "manage/release_orders.html", select_orders(), RELEASE_ORDERS, name="release-orders"
    )


@blueprint.route("/money/release/<int:order_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def release(order_id: int) -> ResponseReturnValue:
    """Show an order; posting notes lots that leave, or packs them."""
    page = order_page(house_session(), order_id)
    forms = _forms(page)
    act = request.form.get("act", "")
    if request.method == "POST" and act in forms and forms[act].validate():
        try:
            _ACTS[act](page, forms[act])
        except DomainError as refusal:
            g.failed = True
            forms[act].form_errors.append(refusal.message())
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/money/release/{order_id}")
    shown = render_template(
        "manage/release_order.html",
        page=page,
        forms=forms,
        holds=[HeldBack(why=why).message() for why in page.holds],
    )
    return shown, UNPROCESSABLE if any(form.errors for form in forms.values()) else 200


def _forms(page: OrderPage) -> dict[str, Any]:
    here = [lot for lot in page.lots if lot.collected_at is None]
    choices = [(lot.lot_id, f"{lot.label} · {lot.title}") for lot in here]
    forms: dict[str, Any] = {
        "collect": CollectForm(
            prefix="collect-",
            data={"lots": [lot.lot_id for lot in here], "collected_by": page.invoice.buyer["name"]},
        ),
        "pack": ParcelForm(prefix="pack-"),
    }
    for form in forms.values():
        form.lots.choices = choices
    return forms


def _collect(page: OrderPage, form: Any) -> None:
    collect_lots(
        house_session(),
        page.order.id,
        form.lots.data,
        by=form.collected_by.data,
        code=form.code.data or None,
        actor=actor(),
    )


def _pack(page: OrderPage, form: Any) -> None:
    pack_parcel(
        house_session(),
        page.order.id,
        form.lots.data,
        carrier=form.carrier.data,
        tracking=form.tracking.data,
        contents=cleaned(form.contents.data),
        actor=actor(),
    )


_ACTS = {"collect": _collect, "pack": _pack}
