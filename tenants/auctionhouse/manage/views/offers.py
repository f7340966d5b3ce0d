"""Offers as staff see them: what waits for an answer, and what was not sold offered once more."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.policies import policies_of
from auctionhouse.catalogue.models import Lot
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.offers import CounterForm, SeenForm
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.offers.answering import Answer, answer_offer
from auctionhouse.offers.queries import (
    OfferView,
    offer_view,
    offers_in_hand,
    offers_of_sale,
    steps_of,
    unsold_lots,
)
from auctionhouse.offers.words import house_words, kind_words, step_words
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.money import currency, decimal_string, parse_amount

ACTS = "<any(accept, decline, withdraw, counter):reply>"


@blueprint.context_processor
def offer_words() -> dict[str, object]:
    """Give the pages the words for offers."""
    return {"house_words": house_words, "kind_words": kind_words, "step_words": step_words}


@blueprint.get("/offers/")
@staff_required(*STAFF)
def offers() -> ResponseReturnValue:
    """List the open offers of all sales, what waits for the house first."""
    return render_template("manage/offers.html", offers=offers_in_hand(house_session()))


@blueprint.get("/sales/<int:sale_id>/offers")
@staff_required(*STAFF)
def sale_offers(sale_id: int) -> ResponseReturnValue:
    """Show a sale's offers, and what of it was not sold."""
    session = house_session()
    found = offers_of_sale(session, sale_id)
    return render_template(
        "manage/sale_offers.html",
        sale=queries.sale_of(session, sale_id),
        to_answer=[offer for offer in found if offer.may("accept", "house")],
        waiting=[offer for offer in found if offer.open and not offer.may("accept", "house")],
        over=[offer for offer in found if not offer.open],
        unsold=unsold_lots(session, sale_id),
    )


@blueprint.get("/offers/<int:offer_id>")
@staff_required(*STAFF)
def offer(offer_id: int) -> ResponseReturnValue:
    """Show one offer, and the buttons of what may be done about it."""
    found = offer_view(house_session(), offer_id)
    return _page(found, *_forms(found, ""))


@blueprint.post(f"/offers/<int:offer_id>/{ACTS}")
@staff_required(*STAFF)
def answer(offer_id: int, reply: str) -> ResponseReturnValue:
    """Answer for the house, or for the seller who was asked."""
    found = offer_view(house_session(), offer_id)
    seen, counter = _forms(found, reply)
    form = counter if reply == "counter" else seen
    if form.validate():
        try:
            with house_session().begin_nested():
                answer_offer(house_session(), offer_id, _answer(form, reply))
        except NotFound:
            raise
        except DomainError as refusal:
            target = form["counter"] if reply == "counter" else form
            _say(target, refusal.message())
        else:
            flash(_done(found, reply), "success")
            return redirect(f"/manage/sales/{found.row.sale_id}/offers", 303)
    return _page(offer_view(house_session(), offer_id), seen, counter), UNPROCESSABLE


def _say(target: object, message: str) -> None:
    """Put a refusal at a field, or above a form."""
    name = "form_errors" if isinstance(target, SeenForm) else "errors"
    setattr(target, name, [*getattr(target, name), message])


def _forms(found: OfferView, act: str) -> tuple[SeenForm, CounterForm]:
    """Return the form of the plain answers and that of a counter-offer, one of them as posted."""
    unit = currency(found.row.currency)
    sale = queries.sale_of(house_session(), found.row.sale_id)
    known = {
        "amount": decimal_string(found.row.amount, unit),
        "hours": policies_of(sale.terms).offer_hours,
    }
    only = {"formdata": None}
    seen = SeenForm(unit=unit, data=known, **({} if act and act != "counter" else only))
    return seen, CounterForm(unit=unit, data=known, **({} if act == "counter" else only))


def _answer(form: SeenForm, act: str) -> Answer:
    seen = parse_amount(form.amount.data or "", form.unit)
    counter = {}
    if isinstance(form, CounterForm):
        counter = {"counter": form.counter.data, "hours": form.hours.data}
    return Answer("house", act, seen, actor(), locale=str(reader_locale()), **counter)


def _done(found: OfferView, act: str) -> str:
    if found.row.kind == "conditional":
        return {
            "accept": _("The lot is sold to the highest bidder, who is told."),
            "decline": _("The lot is not sold; its bidders are told."),
        }[act]
    return {
        "accept": _("Accepted: the lot is sold."),
        "decline": _("Declined; the bidder is told."),
        "counter": _("Your counter-offer is with the bidder."),
        "withdraw": _("Withdrawn; nobody can accept it any more."),
    }[act]


def _page(found: OfferView, seen: SeenForm, counter: CounterForm) -> str:
    session, row = house_session(), found.row
    return render_template(
        "manage/offer.html",
        offer=found, seen=seen, counter=counter,
        sale=queries.sale_of(session, row.sale_id),
        lot=session.get_one(Lot, row.lot_id),
        standing=session.get_one(LotState, row.lot_id),
        steps=steps_of(session, found.id),
        empty_form=EmptyForm(),
    )  # fmt: skip
