"""The first screen, and the search above every page."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.blueprint import STAFF, blueprint
from auctionhouse.manage.queries import people, today
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session

LONGEST_SEARCH = 100


@blueprint.get("/")
@staff_required(*STAFF)
def first_screen() -> ResponseReturnValue:
    """Show what runs, what waits and what is next."""
    session = house_session()
    return render_template(
        "manage/today.html",
        figures=today.figures(session),
        sales=today.current_sales(session),
        bids=today.latest_bids(session),
        waiting=people.waiting_registrations(session),
    )


@blueprint.get("/search")
@staff_required(*STAFF)
def search() -> ResponseReturnValue:
    """Find lots, clients and paddles."""
    session = house_session()
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "manage/search.html",
        text=text,
        lots=people.found_lots(session, text) if text else [],
        clients=people.found_clients(session, text) if text else [],
        paddles=people.found_paddles(session, text),
    )
