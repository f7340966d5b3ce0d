"""A consignor's own pages: lots, agreements, receipts, statements, payments."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.consignors.models import Agreement, Intake
from auctionhouse.consignors.queries import one as queries
from auctionhouse.consignors.words import agreement_heading, agreement_rows, payee_words
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.requests import house_session
from auctionhouse.settlement import freezing  # noqa: F401 - hears of disputes
from auctionhouse.settlement.models import Statement
from auctionhouse.settlement.queries.runs import payments_of
from auctionhouse.settlement.queries.statements import statement_page, statements
from auctionhouse.settlement.shown import statement_sheet
from auctionhouse.settlement.words import payment_words, statement_heading
from auctionxchange.kernel.errors import NotFound

blueprint = Blueprint("settlement", __name__, template_folder="templates")
templates = Blueprint("consignors", "auctionhouse.consignors", template_folder="templates")
"""The place of what staff and consignors both see."""


def own_client() -> int:
    """Return the reader's client record; raises NotFound where they have none."""
    found = current_client_id()
    if found is None:
        raise NotFound
    return found


def own_statement(statement_id: int) -> Statement:
    """Return a released statement of the reader's; anything else is not there."""
    found = house_session().get(Statement, statement_id)
    if found is None or found.client_id != own_client() or found.number is None:
        raise NotFound(statement=statement_id)
    return found


def own_agreement(agreement_id: int) -> Agreement:
    """Return a signed agreement of the reader's; anything else is not there."""
    found = house_session().get(Agreement, agreement_id)
    if found is None or found.client_id != own_client() or found.signed_on is None:
        raise NotFound(agreement=agreement_id)
    return found


def own_receipt(intake_id: int) -> Intake:
    """Return a receipt of the reader's; anything else is not there."""
    found = house_session().get(Intake, intake_id)
    if found is None or found.client_id != own_client():
        raise NotFound(intake=intake_id)
    return found


@blueprint.get("/account/selling/")
@member_required
def selling() -> ResponseReturnValue:
    """Show the signed-in client all their dealings as a consignor."""
    session, client_id = house_session(), own_client()
    page = queries.payees_page(session, client_id)
    agreements = queries.agreements_of(session, client_id)
    rows = statements(session, client_id=client_id)
    return render_template(
        "settlement/mine.html",
        sales=queries.sales_of(session, client_id, drafts=False),
        agreements=[one for one in agreements if one.signed_on],
        receipts=queries.receipts_of(session, client_id),
        statements=[row for row in rows if row.number],
        payments=payments_of(session, client_id, sent_only=True),
        payees=page.payees, payee_words=payee_words, payment_words=payment_words,
        heading=statement_heading, agreement_heading=agreement_heading,
    )  # fmt: skip


@blueprint.get("/account/selling/sales/<int:sale_id>")
@member_required
def consigned_sale(sale_id: int) -> ResponseReturnValue:
    """Show the reader's lots in a sale: the advice before it, results after it."""
    sale = queries.one_sale_of(house_session(), own_client(), sale_id, drafts=False)
    return render_template("settlement/sale.html", sale=sale)


@blueprint.get("/account/selling/statements/<int:statement_id>")
@member_required
def statement(statement_id: int) -> ResponseReturnValue:
    """Show a statement to its consignor."""
    page = statement_page(house_session(), own_statement(statement_id).id)
    return render_template("settlement/statement.html", **statement_sheet(page))


@blueprint.get("/account/selling/agreements/<int:agreement_id>")
@member_required
def agreement(agreement_id: int) -> ResponseReturnValue:
    """Show a signed agreement to its consignor."""
    found = own_agreement(agreement_id)
    return render_template(
        "settlement/agreement.html", agreement=found, heading=agreement_heading(found),
        rows=agreement_rows(found),
    )  # fmt: skip


@blueprint.get("/account/selling/receipts/<int:intake_id>")
@member_required
def receipt(intake_id: int) -> ResponseReturnValue:
    """Show a receipt to its consignor."""
    found = own_receipt(intake_id)
    items = queries.items_of(house_session(), found.id)
    return render_template("settlement/receipt.html", receipt=found, items=items)
