"""A lot's offers, and what staff offer: to underbidders, to everybody, or for a client."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.buying import offered_at
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.policies import policies_of
from auctionhouse.bidding.purchases import place_purchase
from auctionhouse.bidding.selling import shares_pieces
from auctionhouse.bidding.submissions import Submission
from auctionhouse.bidding.terms import build_terms
from auctionhouse.bidding.ways import buy_now_of, takes_offers
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.collecting.nonpayers import note_offered
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.offers import (
    AT_ONCE,
    ClientOfferForm,
    EverybodyForm,
    underbidders_form,
)
from auctionhouse.manage.queries import people
from auctionhouse.manage.views.lot_bids import subject_of
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.offers.after_sale import (
    Asked,
    offer_to_everybody,
    offer_to_underbidders,
    underbidders_of,
)
from auctionhouse.offers.making import make_offer
from auctionhouse.offers.queries import OfferView, offers_on, people_of
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import money, reader_locale
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency

USUAL_TIME = timedelta(days=7)
"""How long a price for everybody stands where nothing else is said."""

WHAT = "<any(underbidders, everybody, buy, offer):what>"


@blueprint.get("/lots/<int:lot_id>/offers")
@staff_required(*STAFF)
def lot_offers(lot_id: int) -> ResponseReturnValue:
    """Show a lot's offers, and what may be offered now."""
    return _page(Desk(lot_id), "")


@blueprint.post(f"/lots/<int:lot_id>/offers/{WHAT}")
@staff_required(*STAFF)
def offer_lot(lot_id: int, what: str) -> ResponseReturnValue:
    """Do one of the acts of the page; a refusal goes above its form."""
    desk = Desk(lot_id, posted=what)
    form = desk.forms[what]
    if form.validate():
        try:
            with house_session().begin_nested():
                said = ACTS[what](desk, form)
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(said, "success")
            return redirect(f"/manage/lots/{lot_id}/offers", 303)
    return _page(Desk(lot_id, forms=desk.forms), what), UNPROCESSABLE


class Desk:
    """A lot with what may be offered of it now, and the forms for that."""

    lot: Lot
    sale: Sale
    standing: LotState
    offers: list[OfferView]
    asked: list[Asked]

    def __init__(
        self, lot_id: int, *, posted: str = "", forms: Mapping[str, Any] | None = None
    ) -> None:
        session = house_session()
        self.lot, self.sale, self.standing = subject_of(lot_id)
        self.offers = offers_on(session, lot_id)
        self.asked = underbidders_of(session, lot_id) if self._unsold else []
        self.forms = self._forms(posted) if forms is None else forms

    @property
    def price(self) -> int | None:
        """Return for how much the lot can be had now without bidding."""
        if self._runs:
            at_once = buy_now_of(self.lot.buy_now, self.lot.buy_now_until)
            return offered_at(at_once, self.standing.price, self.standing.asking)
        return next((offer.row.amount for offer in self._open("everybody")), None)

    @property
    def may(self) -> dict[str, bool]:
        """Tell of each act whether the page offers it."""
        return {
            "underbidders": any(one.may_buy for one in self.asked)
            and not self._open("underbidder"),
            "everybody": self._unsold and not self._open("everybody"),
            "buy": self.price is not None,
            "offer": self._runs and takes_offers(self._terms(), self.standing.price),
        }

    @property
    def _unsold(self) -> bool:
        standing = self.standing
        ended = (standing.status, standing.outcome) == ("closed", "unsold")
        return ended and not shares_pieces(standing.format, standing.pieces)

    @property
    def _runs(self) -> bool:
        return self.sale.state == "published" and self.standing.status == "open"

    def _open(self, kind: str) -> list[OfferView]:
        return [offer for offer in self.offers if offer.open and offer.row.kind == kind]

    def _terms(self) -> Any:
        lot = self.lot
        return build_terms(
            self.sale.terms, lot.terms, lot.opening, lot.reserve, lot.quantity,
            buy_now=buy_now_of(lot.buy_now, lot.buy_now_until),
        )  # fmt: skip

    def _forms(self, posted: str) -> dict[str, Any]:
        """Return the form of each act, one of them as posted."""
        unit = currency(self.sale.currency)
        hours = policies_of(self.sale.terms).offer_hours
        until = database_now(house_session()) + USUAL_TIME
        known = {
            what: {"prefix": f"{what}-", "unit": unit, **({} if what == posted else _BLANK)}
            for what in ACTS
        }
        forms: dict[str, Any] = {
            "underbidders": underbidders_form(self.asked, hours, **known["underbidders"]),
            "everybody": EverybodyForm(data={"until": until}, **known["everybody"]),
            "buy": ClientOfferForm(data={"amount": self.price}, **known["buy"]),
            "offer": ClientOfferForm(**known["offer"]),
        }
        clients = people.buyer_choices(house_session(), self.sale.id)
        for what in ("buy", "offer"):
            forms[what].client_id.choices = clients
        return forms


_BLANK: Mapping[str, Any] = {"formdata": None}


def _underbidders(desk: Desk, form: Any) -> str:
    session, lot_id = house_session(), desk.lot.id
    made = offer_to_underbidders(
        session, lot_id, hours=form.hours.data, actor=actor(), prices=form.prices(desk.asked),
        at_once=form.way.data == AT_ONCE,
    )  # fmt: skip
    note_offered(session, lot_id, actor=actor())
    return ngettext("Offered to %(num)d bidder.", "Offered to %(num)d bidders.", len(made))


def _everybody(desk: Desk, form: Any) -> str:
    price, until = form.price.data, form.until.data
    offer_to_everybody(house_session(), desk.lot.id, price=price, until=until, actor=actor())
    return _("Everybody registered can have the lot for %(price)s.", price=_shown(desk, price))


def _buy(desk: Desk, form: Any) -> str:
    bought = place_purchase(
        house_session(), lot_id=desk.lot.id, client_id=form.client_id.data,
        placed_by_member_id=actor(), price=form.amount.data, token=uuid.UUID(form.token.data),
        locale=str(reader_locale()),
    )  # fmt: skip
    return _("Sold for %(price)s.", price=_shown(desk, bought.price))


def _offer(desk: Desk, form: Any) -> str:
    submission = Submission(
        form.client_id.data, actor(), form.amount.data, uuid.UUID(form.token.data),
        str(reader_locale()), confirmed=True,
    )  # fmt: skip
    made = make_offer(house_session(), desk.lot.id, submission)
    amount = _shown(desk, made.amount)
    return {
        "with_house": _("The offer of %(amount)s is entered.", amount=amount),
        "accepted": _("Accepted by the lot’s bounds: sold for %(amount)s.", amount=amount),
        "declined": _("Declined at once by the lot’s bounds."),
    }.get(made.state, _("The offer of %(amount)s is entered.", amount=amount))


ACTS: Mapping[str, Callable[[Desk, Any], str]] = {
    "underbidders": _underbidders, "everybody": _everybody, "buy": _buy, "offer": _offer,
}  # fmt: skip


def _shown(desk: Desk, amount: int) -> str:
    return money(amount, desk.sale.currency)


def _page(desk: Desk, failed: str) -> str:
    session = house_session()
    return render_template(
        "manage/lot_offers.html",
        lot=desk.lot, sale=desk.sale, standing=desk.standing, offers=desk.offers, asked=desk.asked,
        forms=desk.forms, may={**desk.may, **({failed: True} if failed else {})},
        price=desk.price,
        people=people_of(session, desk.sale.id, [one.client_id for one in desk.asked]),
    )  # fmt: skip
