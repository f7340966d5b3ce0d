"""A bidder's offer on a lot nobody has bid on: made, and answered at once where the lot says so."""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.buying import sold_to
from auctionhouse.bidding.errors import LotClosed, LotNotOpen, TokenReused
from auctionhouse.bidding.guards import check_meant, check_open, check_purchase
from auctionhouse.bidding.handover import Sold, sell
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.ledger import moment
from auctionhouse.bidding.policies import stored_policies
from auctionhouse.bidding.submissions import Submission
from auctionhouse.bidding.ways import answered_by_rule, takes_offers
from auctionhouse.catalogue.models import Lot
from auctionhouse.offers.holding import (
    HOUR,
    Held,
    ask_house_later,
    hold_lot_for,
    step_of,
    take_step,
    tell_later,
)
from auctionhouse.offers.models import LotOffer
from auctionhouse.offers.refusals import (
    EnoughTries,
    OfferReachesPrice,
    OffersNotTaken,
    OffersOver,
    OfferStands,
    TooManyOffers,
)
from auctionxchange.kernel.money import (
    LARGEST_AMOUNT,
    AmountInvalid,
    Currency,
    currency,
    format_amount,
)

MOST_TRIES = 5
"""So many offers may a bidder make on one lot, whatever became of them."""

_KNOWN = text(
    "SELECT o.id, o.lot_id, o.client_id, o.state, o.amount, t.amount AS first FROM lot_offer o"
    " JOIN lot_offer_step t ON t.offer_id = o.id AND t.number = 1 WHERE o.token = :token"
)


@dataclass(frozen=True, slots=True)
class Made:
    """An offer as it stands after it was made; the amount in minor units."""

    offer_id: int
    state: str
    amount: int


def make_offer(session: Session, lot_id: int, submission: Submission) -> Made:
    """Offer an amount for a lot; it binds until it is answered, withdrawn, or ends.

    The same token with the same amount answers as before. Raises AmountInvalid, TokenReused,
    ConfirmationNeeded, what place_bid raises of who may not bid and when, and the refusals of
    offers.
    """
    lot = hold_lot_for(session, lot_id, submission)
    before = _repeated(session, lot, submission)
    if before is not None:
        return before
    _check(session, lot, submission)
    held = Held(lot, _written(session, lot, submission))
    _answer_at_once(session, held, submission)
    return Made(held.offer.id, held.offer.state, held.offer.amount)


def check_amount(amount: int, price: int | None, unit: Currency, locale: str) -> None:
    """Raise AmountInvalid for what is no amount, and OfferReachesPrice for a buy-now price."""
    if not 0 < amount <= LARGEST_AMOUNT:
        raise AmountInvalid(example="1250")
    if price is not None and amount >= price:
        raise OfferReachesPrice(shown=format_amount(price, unit, locale))


def check_takes_offers(lot: HotLot) -> None:
    """Raise why a held lot takes no offer now, whoever makes it."""
    check_free(lot)
    if not takes_offers(lot.terms, lot.state.price):
        raise OffersNotTaken


def check_free(lot: HotLot) -> None:
    """Raise why a held lot cannot be sold by agreement now."""
    check_open(lot)
    if lot.now < lot.state.opens_at:
        raise LotNotOpen
    if lot.over:
        raise LotClosed
    if lot.state.price is not None:
        raise OffersOver


def _check(session: Session, lot: HotLot, submission: Submission) -> None:
    check_amount(submission.maximum, lot.buy_now, currency(lot.row["currency"]), submission.locale)
    check_purchase(session, lot, submission)
    check_takes_offers(lot)
    _check_few(session, lot, submission.client_id)
    _check_tries(session, lot, submission.client_id)
    check_meant(lot, submission)


def _check_few(session: Session, lot: HotLot, client_id: int) -> None:
    """Let a bidder have one open offer on a lot and no more in a sale than it says."""
    mine = select(LotOffer.lot_id).where(
        LotOffer.client_id == client_id, LotOffer.sale_id == lot.row["sale_id"],
        LotOffer.ended_at.is_(None), LotOffer.kind == "best",
    )  # fmt: skip
    lots = session.scalars(mine).all()
    if lot.lot_id in lots:
        raise OfferStands
    most = stored_policies(lot.row["sale_terms"]).offers_each
    if len(lots) >= most:
        raise TooManyOffers(most=most)


def _check_tries(session: Session, lot: HotLot, client_id: int) -> None:
    """Let nobody find out a lot's hidden bounds by trying one amount after the other."""
    made = session.scalar(
        select(func.count()).select_from(LotOffer).where(
            LotOffer.client_id == client_id, LotOffer.lot_id == lot.lot_id, LotOffer.kind == "best"
        )
    )  # fmt: skip
    if (made or 0) >= MOST_TRIES:
        raise EnoughTries(most=MOST_TRIES)


def _repeated(session: Session, lot: HotLot, submission: Submission) -> Made | None:
    """Answer an offer that came before under its token; raises TokenReused."""
    known = session.execute(_KNOWN, {"token": submission.token}).first()
    in_ledger = lot.extra[2] is not None
    if known is None and not in_ledger:
        return None
    meant = (lot.lot_id, submission.client_id, submission.maximum)
    if known is None or (known.lot_id, known.client_id, known.first) != meant:
        raise TokenReused
    return Made(known.id, known.state, known.amount)


def _written(session: Session, lot: HotLot, submission: Submission) -> LotOffer:
    lasts = stored_policies(lot.row["sale_terms"]).offer_hours * HOUR
    offer = LotOffer(
        sale_id=lot.row["sale_id"], lot_id=lot.lot_id, client_id=submission.client_id, kind="best",
        state="with_house", amount=submission.maximum, lasts_s=lasts, steps=1,
        token=submission.token, expires_at=moment(lot.now + lasts * 1_000_000),
    )  # fmt: skip
    session.add(offer)
    session.flush()
    session.add(step_of(offer, "make", "bidder", submission.placed_by_member_id))
    session.flush()
    return offer


def _answer_at_once(session: Session, held: Held, submission: Submission) -> None:
    """Accept or decline by the lot's hidden bounds, or leave it to the house."""
    bounds = session.execute(
        select(Lot.offer_accept_from, Lot.offer_decline_below).where(Lot.id == held.lot.lot_id)
    ).one()
    answer = answered_by_rule(submission.maximum, *bounds)
    if answer is None:
        ask_house_later(session, held.offer)
        return
    take_step(session, held, answer, "rule")
    if answer == "accept":
        sell_by_agreement(session, held, submission)
    else:
        tell_later(session, held.offer)


def sell_by_agreement(session: Session, held: Held, submission: Submission) -> int:
    """Sell a held lot for an accepted offer; returns the entry's sequence."""
    lot, client = held.lot, submission.client_id
    after = sold_to(lot.terms, lot.state, client, held.offer.amount, lot.now)
    sold = Sold("agreement", client, submission.placed_by_member_id, "bought")
    return sell(session, lot, after, sold)
