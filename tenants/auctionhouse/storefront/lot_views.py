"""A lot's page, the history of its bids, and what a maximum would cost in all."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.awards import Share
from auctionhouse.bidding.guard_errors import PiecesInvalid
from auctionhouse.bidding.outages import outages_of
from auctionhouse.bidding.queries import OwnBid, explain, lot_history
from auctionhouse.bidding.rules import Terms
from auctionhouse.bidding.selling import Sealed
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import SECOND, build_terms
from auctionhouse.bidding.ways import buy_now_of, takes_offers
from auctionhouse.catalogue.queries.lots import LotPage, find_lot
from auctionhouse.catalogue.queries.sales import Notice, SaleHead, notices_of
from auctionhouse.members.access import is_staff, public
from auctionhouse.money.rules import Calculation
from auctionhouse.money.stored import cost_of, symbol_of, treatment_of
from auctionhouse.money.words import cost_lines, treatment_words
from auctionhouse.offers.queries import OfferView, my_offer_on, seller_until
from auctionhouse.offers.right import RightView, right_of
from auctionhouse.requests import house_session
from auctionhouse.storefront.cards import LotCard, card_of, lot_address
from auctionhouse.storefront.falling import FallingClock
from auctionhouse.storefront.formats import SHOWN, Shown
from auctionhouse.storefront.pages import kept_page
from auctionhouse.storefront.queries import Reader, own_of
from auctionhouse.storefront.reading import reader
from auctionhouse.storefront.rules import (
    my_state,
    phase_of,
    read_pieces,
    split_label,
    steps_near,
    takes_bids,
)
from auctionhouse.storefront.views import public_sale, sale_version
from auctionxchange.i18n.formats import money, reader_locale
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.money import currency, parse_amount

blueprint = Blueprint("lots", __name__, template_folder="templates")
FEW_BIDS = 6


@dataclass(frozen=True, slots=True)
class LotView:
    """Everything a lot's pages show to one reader."""

    sale: SaleHead
    lot: LotPage
    card: LotCard
    reader: Reader
    phase: str
    mine: str | None
    my_bid: OwnBid | None
    my_shares: Sequence[Share] = ()
    offer: OfferView | None = None

    @property
    def my_maximum(self) -> int | None:
        """Return how much the reader offered, for each piece where a price is paid for each."""
        return None if self.my_bid is None else self.my_bid.maximum

    @property
    def takes_bids(self) -> bool:
        """Tell whether the page offers to bid now."""
        return takes_bids(self.phase)

    @property
    def shown(self) -> Shown:
        """Return with which templates the lot's format is shown."""
        return SHOWN[self.lot.row.format]

    @property
    def address(self) -> str:
        """Return the path of the lot's page."""
        return lot_address(self.sale.reference, self.lot.row.label)

    @property
    def next_step(self) -> str:
        """Return what the reader has to do to bid: sign-in, register, wait, refused or bid."""
        if self.reader.member_id is None:
            return "sign-in"
        steps = {
            "approved": "bid",
            "pending": "wait",
            "declined": "refused",
            "suspended": "refused",
        }
        return steps.get(self.reader.registration or "", "register")

    @property
    def terms(self) -> Terms | None:
        """Return the rules the lot is sold by, without its reserve; None where none are set."""
        row = self.lot.row
        try:
            return build_terms(
                self.sale.terms, self.lot.texts.terms, row.opening, None, self.lot.texts.quantity,
                buy_now=buy_now_of(row.buy_now, row.buy_now_until),
            )  # fmt: skip
        except TermsInvalid:
            return None

    @property
    def sealed(self) -> Sealed:
        """Return what the lot's terms say of sealed bids, the usual where they say nothing."""
        terms = self.terms
        return Sealed() if terms is None or terms.sealed is None else terms.sealed

    @property
    def clock(self) -> FallingClock | None:
        """Return the lot's falling clock, or None where it is sold otherwise."""
        terms = self.terms
        if terms is None or terms.clock is None:
            return None
        now = self.sale.paused_at or self.sale.now
        left = self.lot.row.pieces - self.lot.row.gone
        return FallingClock(terms, self.lot.row.ends_at, now, left)

    @property
    def steps(self) -> Sequence[tuple[int, int]]:
        """Return the bid steps from the next bid upwards: (from, step) in minor units."""
        terms = self.terms
        return [] if terms is None else steps_near(terms.increments, self.lot.row.asking)

    def cost(self, amount: int, pieces: int | None = None) -> Calculation:
        """Return what the lot, or some of its pieces, costs in all at a price in minor units."""
        sale, unit = self.sale, currency(self.sale.currency)
        on = (sale.ends_at or sale.now).date()
        lot = self.lot.money if pieces is None else replace(self.lot.money, quantity=pieces)
        return cost_of(amount, sale.money, sale.premium_percent, lot, unit=unit, on=on)

    @property
    def takes_offers(self) -> bool:
        """Tell whether the page invites to make an offer: until somebody bids."""
        if self.offer is not None and self.offer.open:
            return False
        terms = self.terms
        return self.takes_bids and terms is not None and takes_offers(terms, self.lot.row.price)

    @property
    def seller_until(self) -> datetime | None:
        """Return until when the seller says whether the highest bid is accepted."""
        waits = self.phase == "conditional"
        return seller_until(house_session(), self.lot.row.id) if waits else None

    @property
    def right(self) -> RightView | None:
        """Return what the winner is to choose or has chosen; None on every other lot."""
        terms = self.terms
        if terms is None or terms.choice is None or self.phase not in {"choosing", "sold"}:
            return None
        return right_of(house_session(), self.lot.row.id, terms.choice, self.phase)

    @property
    def vat(self) -> str:
        """Return the lot's VAT treatment."""
        return str(treatment_of(self.sale.money, self.lot.money))

    @property
    def symbol(self) -> str:
        """Return what stands beside the lot's number for its VAT treatment."""
        return symbol_of(self.sale.money, self.lot.money)


def lot_view(reference: str, label: str) -> LotView:
    """Return a public lot as the signed-in member sees it; raises NotFound."""
    sale = public_sale(reference)
    number = split_label(label)
    lot = find_lot(house_session(), sale.id, *number) if number else None
    if lot is None:
        raise NotFound(lot=label)
    me = reader(sale.id)
    phase = phase_of(lot.row, sale.now, paused=sale.paused_at is not None)
    own = own_of(house_session(), me.client_id, [lot.row])
    bid = own.bids.get(lot.row.id)
    return LotView(
        sale=sale,
        lot=lot,
        card=card_of(lot.row, reference, sale.currency, phase),
        reader=me,
        phase=phase,
        mine=my_state(
            phase,
            bid=bid is not None,
            lead=own.leads(lot.row),
            sealed=lot.row.sealed,
            taken=lot.row.format == "dutch",
        ),
        my_bid=bid,
        my_shares=own.shares.get(lot.row.id, ()),
        offer=my_offer_on(house_session(), lot.row.id, me.client_id),
    )


def lot_version(view: LotView) -> tuple[object, ...]:
    """Return everything a lot's page depends on."""
    row = view.lot.row
    return (
        sale_version(view.sale), row.id, row.version, row.state_version, view.phase, view.reader,
        view.my_bid, _offer_version(view.offer), view.lot.previous, view.lot.following, is_staff(),
    )  # fmt: skip


def _offer_version(offer: OfferView | None) -> tuple[object, ...]:
    if offer is None:
        return ()
    return offer.id, offer.row.amount, offer.state, offer.until


def notices(view: LotView) -> list[Notice]:
    """Return the notices on the sale and on the lot."""
    if not view.sale.last_notice:
        return []
    return notices_of(house_session(), view.sale.id, view.lot.row.id)


def lot_page(view: LotView, **shown: Any) -> str:
    """Render a lot's page, with the typed value and its error where there is one."""
    return render_template(
        "storefront/lot.html",
        view=view,
        sale=view.sale,
        lot=view.lot,
        card=view.card,
        notices=notices(view),
        outages=outages_of(house_session(), view.sale.id),
        history=lot_history(house_session(), view.lot.row.id),
        few=FEW_BIDS,
        terms=view.terms,
        treatment=treatment_words(view.vat),
        cost_lines=cost_lines,
        steps=view.steps,
        second=SECOND,
        new_token=uuid.uuid4,
        **shown,
    )


@blueprint.get("/sales/<reference>/lots/<label>")
@public
def lot(reference: str, label: str) -> ResponseReturnValue:
    """Show a lot."""
    view = lot_view(reference, label)
    if view.clock is not None and view.takes_bids:
        response = make_response(lot_page(view))
        response.headers["Cache-Control"] = "private, no-store"
        return response
    return kept_page(lot_version(view), lambda: lot_page(view))


@blueprint.get("/sales/<reference>/lots/<label>/history")
@public
def history(reference: str, label: str) -> ResponseReturnValue:
    """Show every bid on a lot and why the price is what it is."""
    view = lot_view(reference, label)
    return kept_page(lot_version(view), lambda: _history_page(view))


def _history_page(view: LotView) -> str:
    session, lot_id = house_session(), view.lot.row.id
    unit = currency(view.sale.currency)
    return render_template(
        "storefront/history.html",
        view=view,
        sale=view.sale,
        lot=view.lot,
        card=view.card,
        history=lot_history(session, lot_id),
        reasons=explain(session, lot_id, unit, str(reader_locale()), reader=view.reader.client_id),
    )


def wanted_pieces(view: LotView, typed: str) -> int | None:
    """Read for how many pieces somebody bids; None where the winner takes all.

    Raises PiecesInvalid.
    """
    if not view.lot.row.shared:
        return None
    pieces, most = read_pieces(typed), view.card.pieces
    if not 1 <= pieces <= most:
        raise PiecesInvalid(most=most)
    return pieces


@blueprint.get("/sales/<reference>/lots/<label>/total")
@public
def total(reference: str, label: str) -> ResponseReturnValue:
    """Answer as JSON what a maximum would cost in all; 422 for what is no amount."""
    view = lot_view(reference, label)
    unit = view.sale.currency
    amount = parse_amount(request.args.get("maximum", ""), currency(unit))
    cost = view.cost(amount, wanted_pieces(view, request.args.get("pieces", "")))
    response = jsonify(
        maximum=money(amount, unit),
        lines=[[label, money(value, unit)] for label, value in cost_lines(cost)],
        premium=money(cost.sum_of("premium"), unit),
        total=money(cost.total, unit),
    )
    response.headers["Cache-Control"] = "private, max-age=60"
    return response
