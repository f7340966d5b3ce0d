"""Documents to take along: each is set for whom it belongs to, staff see them in the same words."""

from datetime import date
from io import BytesIO

from flask import Blueprint, Response, send_file

from auctionhouse.documents.accounts import receipt, statement
from auctionhouse.documents.brand import current_brand
from auctionhouse.documents.handover import packing_list, release_order
from auctionhouse.documents.invoices import file_name
from auctionhouse.documents.kept import invoice_file
from auctionhouse.documents.readers import read_by
from auctionhouse.handover.operations import require_free
from auctionhouse.handover.queries import OrderPage, order_page
from auctionhouse.invoicing.models import Invoice, InvoicePayment
from auctionhouse.invoicing.queries import invoice_page
from auctionhouse.invoicing.statements import statements_of
from auctionhouse.members.access import current_client_id, member_required, staff_required
from auctionhouse.members.models import STAFF_ROLES, Client
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.errors import NotFound

blueprint = Blueprint("documents", __name__)
PDF = "application/pdf"


@blueprint.get("/account/invoices/<int:invoice_id>.pdf")
@member_required
def own_invoice(invoice_id: int) -> Response:
    """Send a buyer their own invoice; anybody else's is not there."""
    found = _invoice(invoice_id)
    if found.client_id != current_client_id():
        raise NotFound(invoice=invoice_id)
    return _sent(found)


@blueprint.get("/manage/money/invoices/<int:invoice_id>.pdf")
@staff_required(*STAFF_ROLES)
def invoice(invoice_id: int) -> Response:
    """Send staff an invoice as its buyer has it."""
    return _sent(_invoice(invoice_id))


@blueprint.get("/account/receipts/<int:payment_id>.pdf")
@member_required
def own_receipt(payment_id: int) -> Response:
    """Send a buyer the receipt of a payment of theirs."""
    payment = house_session().get(InvoicePayment, payment_id)
    if payment is None or payment.client_id != current_client_id():
        raise NotFound(payment=payment_id)
    return _receipt(payment)


@blueprint.get("/manage/money/receipts/<int:payment_id>.pdf")
@staff_required(*STAFF_ROLES)
def receipt_of(payment_id: int) -> Response:
    """Send staff the receipt of a payment."""
    payment = house_session().get(InvoicePayment, payment_id)
    if payment is None:
        raise NotFound(payment=payment_id)
    return _receipt(payment)


def _receipt(payment: InvoicePayment) -> Response:
    page = invoice_page(house_session(), payment.invoice_id)
    with read_by(house_session(), payment.client_id):
        made = receipt(page, payment, current_brand(), services().settings.static_root)
    return sent_as(made, f"receipt-{payment.id}.pdf")


@blueprint.get("/account/statement-<int:entity_id>.pdf")
@member_required
def own_statement(entity_id: int) -> Response:
    """Send a buyer their statement of account."""
    return _statement(current_client_id() or 0, entity_id)


@blueprint.get("/manage/clients/<int:client_id>/statement-<int:entity_id>.pdf")
@staff_required(*STAFF_ROLES)
def statement_of(client_id: int, entity_id: int) -> Response:
    """Send staff a client's statement of account."""
    return _statement(client_id, entity_id)


def _statement(client_id: int, entity_id: int) -> Response:
    session = house_session()
    found = [one for one in statements_of(session, client_id) if one.entity.id == entity_id]
    if not found:
        raise NotFound(client=client_id)
    client = session.get_one(Client, client_id)
    buyer = {"name": client.name, "company": client.company}
    with read_by(session, client_id):
        static_root = services().settings.static_root
        made = statement(found[0], buyer, _today(), current_brand(), static_root)
    return sent_as(made, f"statement-{_today().isoformat()}.pdf")


@blueprint.get("/account/release/<int:order_id>.pdf")
@member_required
def own_release_order(order_id: int) -> Response:
    """Send a buyer the order by which their lots are collected; raises HeldBack."""
    page = order_page(house_session(), order_id)
    if page.invoice.client_id != current_client_id():
        raise NotFound(order=order_id)
    return _release_order(page)


@blueprint.get("/manage/money/release/<int:order_id>.pdf")
@staff_required(*STAFF_ROLES)
def release_order_of(order_id: int) -> Response:
    """Send staff a release order; raises HeldBack."""
    return _release_order(order_page(house_session(), order_id))


def _release_order(page: OrderPage) -> Response:
    require_free(house_session(), page.order)
    with read_by(house_session(), page.invoice.client_id):
        made = release_order(page, _today(), current_brand(), services().settings.static_root)
    return sent_as(made, f"{page.number}.pdf")


@blueprint.get("/manage/money/release/<int:order_id>/parcel-<int:number>.pdf")
@staff_required(*STAFF_ROLES)
def packing_list_of(order_id: int, number: int) -> Response:
    """Send staff what is in one parcel."""
    page = order_page(house_session(), order_id)
    found = [one for one in page.parcels if one.parcel.number == number]
    if not found:
        raise NotFound(parcel=number)
    with read_by(house_session(), page.invoice.client_id):
        static_root = services().settings.static_root
        made = packing_list(page, found[0], _today(), current_brand(), static_root)
    return sent_as(made, f"{page.number}-{number}.pdf")


def _today() -> date:
    return services().clock.now().astimezone(house_zone()).date()


def _invoice(invoice_id: int) -> Invoice:
    found = house_session().get(Invoice, invoice_id)
    if found is None:
        raise NotFound(invoice=invoice_id)
    return found


def _sent(found: Invoice) -> Response:
    session = house_session()
    made = invoice_file(session, services().storage, services().settings.static_root, found)
    return sent_as(made, file_name(found))


def sent_as(made: bytes, name: str) -> Response:
    """Send a document under a name, never to be kept by anybody in between."""
    response = send_file(BytesIO(made), mimetype=PDF, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
