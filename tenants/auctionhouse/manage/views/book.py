"""Opening the book of a lot, with a reason that is kept."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.opened_book import open_book
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.book import OpenBookForm
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.lots import lot_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session


@blueprint.route("/lots/<int:lot_id>/book", methods=["GET", "POST"])
@staff_required(*STAFF)
def book(lot_id: int) -> ResponseReturnValue:
    """Ask for the reason, then show the maxima once; every look is an entry of its own."""
    found = lot_of(lot_id)
    form, lines = OpenBookForm(), None
    if request.method == "POST" and form.validate():
        lines = open_book(house_session(), lot_id, member_id=actor(), reason=form.reason.data or "")
    page = render_template(
        "manage/book.html",
        lot=found,
        sale=queries.sale_of(house_session(), found.sale_id),
        form=form,
        lines=lines,
    )
    return page, UNPROCESSABLE if form.errors else 200
