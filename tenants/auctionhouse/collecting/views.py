"""A buyer's own account: their statement with each legal entity."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.invoicing.statements import statements_of
from auctionhouse.invoicing.words import act_words
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.requests import house_session

blueprint = Blueprint("collecting", __name__, template_folder="templates")


@blueprint.get("/account/statement")
@member_required
def statement() -> ResponseReturnValue:
    """Show what the signed-in buyer owes or has standing, act by act."""
    found = statements_of(house_session(), current_client_id() or 0)
    return render_template("collecting/statement.html", statements=found, act_words=act_words)
