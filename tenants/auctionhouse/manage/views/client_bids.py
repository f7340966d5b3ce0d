"""A bid entered by staff on behalf of a client: typed, confirmed, placed."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.guard_errors import PiecesInvalid
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.policies import policies_of
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.people import ClientBidForm
from auctionhouse.manage.queries import people
from auctionhouse.manage.queries import sales as queries
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Client
from auctionhouse.receipts.operations import keep_refusal
from auctionhouse.registrations.operations import register
from auctionhouse.registrations.queries import registration_of_client
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.i18n.spelled import spelled
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency


@blueprint.route("/sales/<int:sale_id>/bid", methods=["GET", "POST"])
@staff_required(*STAFF)
def bid_for_client(sale_id: int) -> ResponseReturnValue:
    """Type a bid, see it once more in full, place it."""
    session = house_session()
    sale = queries.sale_of(session, sale_id)
    form = ClientBidForm(
        unit=currency(sale.currency),
        lot_id=request.args.get("lot", type=int),
        client_id=request.args.get("client", type=int),
    )
    form.lot_id.choices = people.bid_choices(session, sale_id)
    if not people.any_shared(session, sale_id):
        del form.pieces
    form.client_id.choices = people.client_choices(session)
    if request.method == "POST" and form.validate():
        if form.confirmed.data != "yes" or request.form.get("back"):
            return _confirm_or_type(sale, form)
        answer = _place(sale, form)
        if answer is not None:
            return answer
    page = render_template("manage/client_bid.html", sale=sale, form=form)
    return page, 422 if form.errors else 200


def _confirm_or_type(sale: Sale, form: ClientBidForm) -> ResponseReturnValue:
    if request.form.get("back"):
        return render_template("manage/client_bid.html", sale=sale, form=form)
    return render_template("manage/client_bid_confirm.html", form=form, **_facts(sale, form))


def _facts(sale: Sale, form: ClientBidForm) -> dict[str, Any]:
    session = house_session()
    lot = session.get_one(Lot, form.lot_id.data)
    standing = session.get_one(LotState, form.lot_id.data)
    return {
        "sale": sale,
        "lot": lot,
        "standing": standing,
        "words": _unusual(sale, form.maximum.data, standing.asking, lot.estimate_high),
        "client": session.get_one(Client, form.client_id.data),
        "registration": registration_of_client(session, sale.id, form.client_id.data),
    }


def _unusual(sale: Sale, maximum: int, asking: int, estimate: int | None) -> str | None:
    """Return an amount in words where it is far above what was to be expected."""
    if not policies_of(sale.terms).far_above(maximum, asking, estimate):
        return None
    return spelled(maximum, currency(sale.currency), str(reader_locale()))


def _place(sale: Sale, form: ClientBidForm) -> ResponseReturnValue | None:
    """Place the bid; a refusal goes to the amount's field and nothing is kept."""
    session = house_session()
    facts = _facts(sale, form)
    try:
        with session.begin_nested():
            if facts["registration"] is None:
                register(
                    session, sale, facts["client"], sale.conditions_id, actor=actor(),
                    by_staff=True,
                )  # fmt: skip
            session.flush()
            placed = place_bid(
                session,
                lot_id=form.lot_id.data,
                client_id=form.client_id.data,
                placed_by_member_id=actor(),
                maximum=form.maximum.data,
                token=uuid.UUID(form.token.data),
                locale=str(reader_locale()),
                pieces=form.wanted,
            )
    except DomainError as refusal:
        keep_refusal(session, refusal.evidence)
        at_pieces = isinstance(refusal, PiecesInvalid) and "pieces" in form
        form["pieces" if at_pieces else "maximum"].errors = [refusal.message()]
        form.token.data = str(uuid.uuid4())
        form.token.raw_data = None
        return None
    flash(_said(facts["client"].name, placed.outcome), "success")
    return redirect(f"/manage/sales/{sale.id}/room")


def _said(name: str, outcome: str) -> str:
    """Return what to tell who entered a bid for a client."""
    said = {
        "taken": _("%(name)s has taken it at the clock’s price.", name=name),
        "leading": _("The bid is taken: %(name)s leads.", name=name),
        "outbid": _("The bid is taken, but %(name)s is outbid already.", name=name),
        "sealed": _("The sealed bid of %(name)s is handed in.", name=name),
    }
    return said[outcome]
