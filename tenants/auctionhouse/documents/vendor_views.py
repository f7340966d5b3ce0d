"""Consignors' papers to take along: statements, agreements, receipts, advice and results."""

from typing import TypeVar

from flask import Response

from auctionhouse.consignors.models import Agreement, Intake
from auctionhouse.consignors.queries.one import one_sale_of
from auctionhouse.documents.vendors import (
    agreement_paper,
    receipt_paper,
    sale_paper,
    statement_file,
)
from auctionhouse.documents.views import blueprint, sent_as
from auctionhouse.members.access import member_required, staff_required
from auctionhouse.members.models import STAFF_ROLES
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.settlement.models import Statement
from auctionhouse.settlement.views import (
    own_agreement,
    own_client,
    own_receipt,
    own_statement,
)
from auctionxchange.kernel.errors import NotFound

Row = TypeVar("Row")


@blueprint.get("/account/selling/statements/<int:statement_id>.pdf")
@member_required
def own_statement_file(statement_id: int) -> Response:
    """Send a consignor their own statement."""
    return _statement(own_statement(statement_id))


@blueprint.get("/manage/money/statements/<int:statement_id>.pdf")
@staff_required(*STAFF_ROLES)
def settlement_file(statement_id: int) -> Response:
    """Send staff a statement as its consignor has it."""
    return _statement(_found(Statement, statement_id))


def _statement(found: Statement) -> Response:
    known = services()
    made = statement_file(house_session(), known.storage, known.settings.static_root, found)
    return sent_as(made, f"{found.number or f'draft-{found.id}'}.pdf".replace("/", "-"))


@blueprint.get("/account/selling/agreements/<int:agreement_id>.pdf")
@member_required
def own_agreement_file(agreement_id: int) -> Response:
    """Send a consignor their own agreement."""
    return _agreement(own_agreement(agreement_id))


@blueprint.get("/manage/agreements/<int:agreement_id>.pdf")
@staff_required(*STAFF_ROLES)
def agreement_file(agreement_id: int) -> Response:
    """Send staff an agreement, to be signed or as it was signed."""
    return _agreement(_found(Agreement, agreement_id))


def _agreement(found: Agreement) -> Response:
    made = agreement_paper(house_session(), services().settings.static_root, found)
    return sent_as(made, f"agreement-{found.number}-{found.version}.pdf")


@blueprint.get("/account/selling/receipts/<int:intake_id>.pdf")
@member_required
def own_receipt_file(intake_id: int) -> Response:
    """Send a consignor their own receipt."""
    return _receipt(own_receipt(intake_id))


@blueprint.get("/manage/receipts/<int:intake_id>.pdf")
@staff_required(*STAFF_ROLES)
def receipt_file(intake_id: int) -> Response:
    """Send staff a receipt as its consignor has it."""
    return _receipt(_found(Intake, intake_id))


def _receipt(found: Intake) -> Response:
    made = receipt_paper(house_session(), services().settings.static_root, found)
    return sent_as(made, f"receipt-{found.number}.pdf")


@blueprint.get("/account/selling/sales/<int:sale_id>.pdf")
@member_required
def own_sale_file(sale_id: int) -> Response:
    """Send a consignor the advice or the results of a sale."""
    return _sale(own_client(), sale_id, drafts=False)


@blueprint.get("/manage/consignors/<int:client_id>/sales/<int:sale_id>.pdf")
@staff_required(*STAFF_ROLES)
def consigned_sale_file(client_id: int, sale_id: int) -> Response:
    """Send staff the advice or the results of a sale for one consignor."""
    return _sale(client_id, sale_id, drafts=True)


def _sale(client_id: int, sale_id: int, *, drafts: bool) -> Response:
    session = house_session()
    sale = one_sale_of(session, client_id, sale_id, drafts=drafts)
    made = sale_paper(session, services().settings.static_root, client_id, sale)
    return sent_as(made, f"{sale.reference}-{client_id}.pdf")


def _found(model: type[Row], row_id: int) -> Row:
    found = house_session().get(model, row_id)
    if found is None:
        raise NotFound(row=row_id)
    return found
