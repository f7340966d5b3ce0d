"""Bidders' pages about offers: making one, and answering the house."""

import uuid
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.guard_errors import ConfirmationNeeded
from auctionhouse.bidding.submissions import Submission
from auctionhouse.members.access import current_client_id, member_required
from auctionhouse.money.words import cost_lines
from auctionhouse.offers.answering import Answer, answer_offer
from auctionhouse.offers.choosing import Chooser, check_chosen, choose
from auctionhouse.offers.forms import AnswerForm
from auctionhouse.offers.making import Made, check_amount, make_offer
from auctionhouse.offers.queries import OfferView, my_offer, my_offers, steps_of
from auctionhouse.offers.refusals import OfferUnknown
from auctionhouse.offers.right import read_chosen
from auctionhouse.offers.words import own_words, said_of
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.storefront.bid_views import BIDS_A_MINUTE, read_token
from auctionhouse.storefront.confirming import flag_for, in_words, is_confirmed
from auctionhouse.storefront.lot_views import LotView, lot_page, lot_view
from auctionhouse.storefront.reading import member_id
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import money, reader_locale
from auctionxchange.kernel.errors import DomainError, Forbidden
from auctionxchange.kernel.money import currency, decimal_string, parse_amount
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("offers", __name__, template_folder="templates")
ACTS = "<any(accept, decline, withdraw, counter):act>"
UNPROCESSABLE = 422


@blueprint.get("/sales/<reference>/lots/<label>/offer")
@member_required
def confirm(reference: str, label: str) -> ResponseReturnValue:
    """Show lot, amount and all-in total once more, with the one button that makes the offer."""
    view = lot_view(reference, label)
    typed = request.args.get("amount", "")
    if view.next_step != "bid" or not view.takes_offers:
        return redirect(view.address)
    try:
        amount = parse_amount(typed, currency(view.sale.currency))
        check_amount(amount, view.card.buy_now, currency(view.sale.currency), str(reader_locale()))
    except DomainError as refusal:
        return lot_page(view, offered=typed, offer_error=refusal.message()), refusal.status
    return _confirmation(view, amount)


def _confirmation(view: LotView, amount: int, *, far_above: bool = False) -> str:
    row, unit = view.lot.row, view.sale.currency
    cost = view.cost(amount)
    policies = view.sale.policies
    unusual = far_above or policies.far_above(amount, row.asking, row.estimate_high)
    return render_template(
        "offers/confirm.html",
        view=view, sale=view.sale, lot=view.lot, card=view.card, amount=amount, cost=cost,
        plain=decimal_string(amount, currency(unit)), lines=cost_lines(cost), token=uuid.uuid4(),
        hours=policies.offer_hours,
        words=in_words(amount, unit) if unusual else None,
        flag=flag_for(view.reader.client_id, row.id, amount) if unusual else None,
    )  # fmt: skip


@blueprint.post("/sales/<reference>/lots/<label>/offer")
@member_required
def make(reference: str, label: str) -> ResponseReturnValue:
    """Make the offer; a refusal shows the lot again with the amount and the reason."""
    view = lot_view(reference, label)
    typed = request.form.get("amount", "")
    try:
        with house_session().begin_nested():
            made = _made(view, typed)
    except ConfirmationNeeded:
        amount = parse_amount(typed, currency(view.sale.currency))
        return _confirmation(view, amount, far_above=True), ConfirmationNeeded.status
    except DomainError as refusal:
        g.failed = True
        page = lot_page(lot_view(reference, label), offered=typed, offer_error=refusal.message())
        return page, refusal.status
    flash(*_said(made, view.sale.currency))
    return redirect(f"{view.address}#bid-panel", 303)


def _made(view: LotView, typed: str) -> Made:
    house, client_id, member = current_house(), current_client_id(), member_id()
    services().limits.check(house, "bid", str(member), BIDS_A_MINUTE)
    if client_id is None or member is None:
        raise Forbidden
    amount = parse_amount(typed, currency(view.sale.currency))
    lot_id = view.lot.row.id
    submission = Submission(
        client_id, member, amount, read_token(request.form.get("token", "")),
        str(reader_locale()),
        confirmed=is_confirmed(request.form.get("confirmed", ""), client_id, lot_id, amount),
    )  # fmt: skip
    return make_offer(house_session(), lot_id, submission)


def _said(made: Made, unit: str) -> tuple[str, str]:
    amount = money(made.amount, unit)
    if made.state == "accepted":
        return _("The house accepts: you bought this lot for %(amount)s.", amount=amount), "success"
    if made.state == "declined":
        return _("The house declined your offer of %(amount)s.", amount=amount), "error"
    return _("Your offer of %(amount)s is with the house.", amount=amount), "success"


@blueprint.get("/me/offers")
@member_required
def mine() -> ResponseReturnValue:
    """Show a bidder's offers: what they have to answer first."""
    offers = my_offers(house_session(), _client())
    return render_template(
        "offers/mine.html",
        to_answer=[offer for offer in offers if offer.may("accept", "bidder")],
        waiting=[offer for offer in offers if offer.may("withdraw", "bidder")],
        over=[offer for offer in offers if not offer.open],
        sale_ids=sorted({offer.row.sale_id for offer in offers if offer.open}),
        said_of=said_of,
    )


@blueprint.get("/me/offers/<int(max=999999999999999999):offer_id>")
@member_required
def offer(offer_id: int) -> ResponseReturnValue:
    """Show one offer with what was said so far, and the buttons of who has to answer."""
    found = my_offer(house_session(), offer_id, _client())
    return _page(found, _form(found))


@blueprint.post(f"/me/offers/<int(max=999999999999999999):offer_id>/{ACTS}")
@member_required
def answer(offer_id: int, act: str) -> ResponseReturnValue:
    """Do what the pressed button says; a refusal goes above the form, or to its amount."""
    found = my_offer(house_session(), offer_id, _client())
    form = _form(found)
    if form.validate():
        try:
            with house_session().begin_nested():
                answer_offer(house_session(), offer_id, _answer(found, form, act))
        except OfferUnknown:
            raise
        except DomainError as refusal:
            _complain(form, act, refusal)
        else:
            flash(_done(act, money(found.row.amount, found.row.currency)), "success")
            return redirect("/me/offers", 303)
    return _page(my_offer(house_session(), offer_id, _client()), form), UNPROCESSABLE


@blueprint.post("/sales/<reference>/lots/<label>/choice")
@member_required
def choose_pieces(reference: str, label: str) -> ResponseReturnValue:
    """Buy the ticked pieces of a lot whose choice was won, or only say what they would cost."""
    view, ticked = lot_view(reference, label), request.form.getlist("piece")
    choice = view.terms.choice if view.terms else None
    if choice is None:
        raise OfferUnknown
    try:
        numbers = read_chosen(ticked, choice)
        if request.form.get("do") == "total":
            check_chosen(choice, numbers)
            return lot_page(view, ticked=ticked, ticked_count=len(numbers))
        token = read_token(request.form.get("token", ""))
        chooser = Chooser(_client(), member_id() or 0, token, locale=str(reader_locale()))
        with house_session().begin_nested():
            count = choose(house_session(), view.lot.row.id, numbers, chooser)
    except OfferUnknown:
        raise
    except DomainError as refusal:
        g.failed = True
        page = lot_page(lot_view(reference, label), ticked=ticked, choice_error=refusal.message())
        return page, refusal.status
    flash(ngettext("You bought %(num)d piece.", "You bought %(num)d pieces.", count), "success")
    return redirect(f"{view.address}#bid-panel", 303)


def _steps(found: OfferView) -> list[Any]:
    """Return what was done as far as it is the bidder's: that they waited in line is not."""
    steps = steps_of(house_session(), found.id)
    return [step for step in steps if found.row.kind == "best" or step.act != "make"]


def _form(found: OfferView) -> AnswerForm:
    unit = currency(found.row.currency)
    return AnswerForm(unit=unit, data={"amount": decimal_string(found.row.amount, unit)})


def _answer(found: OfferView, form: AnswerForm, act: str) -> Answer:
    seen = parse_amount(form.amount.data or "", form.unit)
    counter = form.counter.data if act == "counter" else None
    return Answer("bidder", act, seen, member_id() or 0, client_id=found.row.client_id,
                  counter=counter, locale=str(reader_locale()))  # fmt: skip


def _complain(form: AnswerForm, act: str, refusal: DomainError) -> None:
    if act == "counter":
        form.counter.errors = [refusal.message()]
    else:
        form.form_errors.append(refusal.message())


def _done(act: str, amount: str) -> str:
    return {
        "accept": _("You bought the lot for %(amount)s. The house will be in touch about payment.",
                    amount=amount),
        "decline": _("You declined."),
        "withdraw": _("Your offer is withdrawn."),
        "counter": _("Your counter-offer is with the house."),
    }[act]  # fmt: skip


def _page(found: OfferView, form: AnswerForm) -> str:
    form.amount.data = decimal_string(found.row.amount, form.unit)
    form.amount.raw_data = None
    view = lot_view(found.row.reference, found.row.label)
    shown: dict[str, Any] = {"cost": None, "lines": []}
    if found.may("accept", "bidder"):
        cost = view.cost(found.row.amount)
        shown = {"cost": cost, "lines": cost_lines(cost)}
    return render_template(
        "offers/offer.html", offer=found, form=form, view=view, card=view.card, lot=view.lot,
        steps=_steps(found), said_of=said_of, own_words=own_words, **shown,
    )  # fmt: skip


def _client() -> int:
    client_id = current_client_id()
    if client_id is None:
        raise OfferUnknown
    return client_id
