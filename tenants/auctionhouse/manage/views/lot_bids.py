"""A lot's bids and what staff do about them: cancel, reopen, correct, bid for the seller."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.bidding.awards import buyers_of
from auctionhouse.bidding.house_bids import place_house_bid
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.placed_bids import acts_on, bids_on
from auctionhouse.bidding.policies import policies_of
from auctionhouse.bidding.retraction import cancel_bid
from auctionhouse.bidding.terms import build_terms
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.two_person import HAMMER
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.lot_acts import (
    CancelForm,
    ChooseForm,
    CorrectForm,
    HouseBidForm,
    ReopenForm,
)
from auctionhouse.manage.queries import people
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.lots import lot_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Client
from auctionhouse.offers.choosing import Chooser, choose, choose_until
from auctionhouse.offers.right import names_of, read_chosen
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency


@blueprint.get("/lots/<int:lot_id>/bids")
@staff_required(*STAFF)
def lot_bids(lot_id: int) -> ResponseReturnValue:
    """Show every bid on a lot with who placed it, and what was done about them."""
    session = house_session()
    found, sale, standing = subject_of(lot_id)
    policies = policies_of(sale.terms)
    running = sale.state == "published" and standing.status == "open"
    return render_template(
        "manage/lot_bids.html",
        lot=found,
        sale=sale,
        standing=standing,
        running=running,
        may_reopen=standing.status != "open" and sale.state != "archived",
        may_bid=running
        and policies.house_bidding != "never"
        and found.reserve is not None
        and standing.format == "timed",
        bids=bids_on(session, lot_id),
        buyers=buyers_of(session, lot_id),
        acts=acts_on(session, lot_id),
    )


@blueprint.route("/lots/<int:lot_id>/bids/<int:sequence>/cancel", methods=["GET", "POST"])
@staff_required(*STAFF)
def cancel(lot_id: int, sequence: int) -> ResponseReturnValue:
    """Cancel one bid with a reason; the price is decided again without it."""
    form = CancelForm()
    bid = next((bid for bid in bids_on(house_session(), lot_id) if bid.sequence == sequence), None)
    if bid is None:
        raise NotFound

    def act() -> str:
        cancel_bid(
            house_session(), lot_id, sequence, reason=form.reason.data or "",
            notice=form.notice.data or "", actor=actor(),
        )  # fmt: skip
        return _("The bid is cancelled and the price decided again without it.")

    return _done(lot_id, form, act, "manage/cancel_bid.html", bid=bid)


@blueprint.route("/lots/<int:lot_id>/reopen", methods=["GET", "POST"])
@staff_required(*STAFF)
def reopen(lot_id: int) -> ResponseReturnValue:
    """Take bids on a closed or withdrawn lot again."""
    form = ReopenForm()

    def act() -> str:
        assert form.ends_at.data is not None
        operations.reopen_lot(
            house_session(), lot_id, form.ends_at.data, form.notice.data or "", actor=actor()
        )
        return _("The lot takes bids again and its bidders are told.")

    return _done(lot_id, form, act, "manage/reopen.html")


@blueprint.route("/lots/<int:lot_id>/correct", methods=["GET", "POST"])
@staff_required(*STAFF)
def correct(lot_id: int) -> ResponseReturnValue:
    """Put a wrong result right."""
    _found, sale, standing = subject_of(lot_id)
    sold = standing.outcome == "sold"
    form = CorrectForm(
        unit=currency(sale.currency),
        client_id=standing.leader_client_id if sold else 0,
        price=standing.price,
    )
    form.offer(people.buyer_choices(house_session(), sale.id))

    def act() -> str:
        client_id = form.client_id.data or None
        payload = {
            "lot": lot_id,
            "client": client_id,
            "price": form.price.data if client_id else None,
            "notice": form.notice.data or "",
        }
        made = ask(house_session(), HAMMER, payload, reason=form.reason.data or "", actor=actor())
        return asked(made, _("The result is corrected and those it concerns are told."))

    waiting = waiting_about(house_session(), f"lot:{lot_id}")
    return _done(lot_id, form, act, "manage/correct.html", waiting=waiting)


@blueprint.route("/lots/<int:lot_id>/house-bid", methods=["GET", "POST"])
@staff_required(*STAFF)
def house_bid(lot_id: int) -> ResponseReturnValue:
    """Bid for the seller, below the reserve."""
    _found, sale, _standing = subject_of(lot_id)
    form = HouseBidForm(unit=currency(sale.currency))

    def act() -> str:
        placed = place_house_bid(
            house_session(), lot_id, form.maximum.data, actor=actor(),
            token=uuid.UUID(form.token.data), locale=str(reader_locale()),
        )  # fmt: skip
        if placed.you_lead:
            return _("The house leads for the seller.")
        return _("The bid is taken, but a bidder leads.")

    return _done(lot_id, form, act, "manage/house_bid.html")


@blueprint.route("/lots/<int:lot_id>/choose", methods=["GET", "POST"])
@staff_required(*STAFF)
def choose_for_winner(lot_id: int) -> ResponseReturnValue:
    """Choose among a lot's pieces for the client who won the right to."""
    found, sale, standing = subject_of(lot_id)
    terms = build_terms(sale.terms, found.terms, found.opening, found.reserve, found.quantity)
    if terms.choice is None or standing.outcome != "choosing" or not standing.leader_client_id:
        raise NotFound
    choice, winner = terms.choice, standing.leader_client_id
    form, ticked = ChooseForm(token=str(uuid.uuid4())), request.form.getlist("piece")

    def act() -> str:
        numbers = read_chosen(ticked, choice)
        chooser = Chooser(
            winner, actor(), uuid.UUID(form.token.data), "house", str(reader_locale())
        )
        count = choose(house_session(), lot_id, numbers, chooser)
        return ngettext(
            "%(num)d piece is sold to the winner, who is told.",
            "%(num)d pieces are sold to the winner, who is told.",
            count,
        )

    return _done(lot_id, form, act, "manage/choose.html", names=names_of(choice), ticked=ticked,
                 winner=house_session().get_one(Client, winner),
                 until=choose_until(house_session(), lot_id))  # fmt: skip


def subject_of(lot_id: int) -> tuple[Lot, Sale, LotState]:
    """Return a lot, its sale and where it stands; raises NotFound for one never published."""
    found = lot_of(lot_id)
    standing = house_session().get(LotState, lot_id)
    if standing is None:
        raise NotFound
    return found, queries.sale_of(house_session(), found.sale_id), standing


def _done(
    lot_id: int, form: FlaskForm, act: Callable[[], str], template: str, **shown: Any
) -> ResponseReturnValue:
    """Do an act its form asks for and go back to the bids; a refusal goes above the form."""
    if request.method == "POST" and form.validate():
        try:
            with house_session().begin_nested():
                said = act()
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(said, "success")
            return redirect(f"/manage/lots/{lot_id}/bids")
    found, sale, standing = subject_of(lot_id)
    page = render_template(template, form=form, lot=found, sale=sale, standing=standing, **shown)
    return page, UNPROCESSABLE if form.errors else 200
