"""Documents to take along: each is set for whom it belongs to, staff see them in the same words."""

from io import BytesIO

from flask import Blueprint, Response, send_file

from auctionhouse.documents.invoices import file_name
from auctionhouse.documents.kept import invoice_file
from auctionhouse.invoicing.models import Invoice
from auctionhouse.members.access import current_client_id, member_required, staff_required
from auctionhouse.members.models import STAFF_ROLES
from auctionhouse.requests import house_session
from auctionhouse.services import services
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
