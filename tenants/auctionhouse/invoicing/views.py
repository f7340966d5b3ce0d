"""A buyer's own invoices."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.handover.operations import holds_of, order_of
from auctionhouse.handover.refusals import HeldBack
from auctionhouse.invoicing.by_card import ask_by_card
from auctionhouse.invoicing.queries import invoice_page, invoices_of
from auctionhouse.invoicing.shown import sheet_of
from auctionhouse.invoicing.words import state_words
from auctionhouse.members.access import acting_member, current_client_id, member_required
from auctionhouse.payments.links import token_of
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.kernel.errors import NotFound
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("invoices", __name__, template_folder="templates")


@blueprint.get("/account/invoices/")
@member_required
def mine() -> ResponseReturnValue:
    """List the signed-in buyer's invoices."""
    rows = invoices_of(house_session(), current_client_id() or 0)
    return render_template("invoicing/mine.html", rows=rows, state_words=state_words)


@blueprint.get("/account/invoices/<int:invoice_id>")
@member_required
def one(invoice_id: int) -> ResponseReturnValue:
    """Show an invoice to its buyer; anybody else's is not there."""
    page = invoice_page(house_session(), invoice_id)
    if page.invoice.client_id != current_client_id():
        raise NotFound(invoice=invoice_id)
    order = order_of(house_session(), invoice_id)
    return render_template(
        "invoicing/invoice.html",
        order=order,
        holds=[HeldBack(why=why).message() for why in holds_of(house_session(), order)]
        if order
        else [],
        **sheet_of(page),
    )


@blueprint.post("/account/invoices/<int:invoice_id>/pay")
@member_required
def pay(invoice_id: int) -> ResponseReturnValue:
    """Lead the buyer to the page where what is due is paid by card."""
    page = invoice_page(house_session(), invoice_id)
    if page.invoice.client_id != current_client_id():
        raise NotFound(invoice=invoice_id)
    payment = ask_by_card(house_session(), invoice_id, actor=acting_member().id)
    token = token_of(services().settings, current_house(), payment.id)
    return redirect(f"/pay/{token}", 303)
