"""What was not sold, offered once more: to those who bid, or at a price to everybody registered.

Underbidders are offered the lot one after the other, or several at once and the first to accept has
it. Without a price each is asked for what they bid last, as far as it counted: what a maximum that
was not used would have gone up to stays unknown to the house. Sealed bids were opened to everybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.deciding_again import story_of
from auctionhouse.bidding.hot_lot import HotLot, Private, hold, write
from auctionhouse.bidding.ledger import iso, microseconds, moment
from auctionhouse.bidding.redecide import redecide
from auctionhouse.bidding.sealed.queries import box_of
from auctionhouse.invoicing.corrected import let_go
from auctionhouse.offers.holding import Held, seconds_of, step_of, take_step, tell_later
from auctionhouse.offers.models import LotOffer
from auctionhouse.offers.refusals import (
    NobodyChosen,
    NotAnUnderbidder,
    NotUnsold,
    OfferStands,
    SharedLot,
    StillDeciding,
    UntilInvalid,
)
from auctionhouse.offers.rules import Underbidder, highest_first, underbidders
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid

MOST_DAYS = 90
_OUT = text(
    "SELECT id FROM client WHERE for_house UNION SELECT client_id FROM ledger_entry"
    " WHERE lot_id = :lot AND kind = 'sale_cancelled' AND client_id IS NOT NULL"
)
_MAY_BUY = text(
    "SELECT c.id FROM client c LEFT JOIN member m ON m.id = c.member_id"
    " JOIN registration r ON r.client_id = c.id AND r.sale_id = :sale AND r.state = 'approved'"
    " WHERE c.id = ANY(:clients) AND m.blocked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who bid on an unsold lot, for how much it counted, and whether they may buy now."""

    client_id: int
    amount: int
    may_buy: bool


def underbidders_of(session: Session, lot_id: int) -> list[Asked]:
    """Return who may be offered an unsold lot, in the order and at the amounts of their bids.

    Left out are the house and whoever bought the lot and did not keep it. Raises NotUnsold.
    """
    return _asked(session, _held_unsold(session, lot_id))


def offer_to_underbidders(
    session: Session,
    lot_id: int,
    *,
    hours: int,
    actor: int | None,
    prices: Mapping[int, int] | None = None,
    at_once: bool = False,
) -> list[int]:
    """Offer an unsold lot to those who bid on it; returns the offers' ids in their order.

    Prices are by client, in minor units; without any, everybody who may buy is asked for what they
    bid last. One after the other each has so many hours; or all at once. Raises NotUnsold,
    LotInvoiced, OfferStands, NobodyChosen, NotAnUnderbidder, HoursInvalid and AmountInvalid.
    """
    lot = _held_unsold(session, lot_id)
    let_go(session, lot_id)
    asked = {one.client_id: one.amount for one in _asked(session, lot) if one.may_buy}
    chosen = asked if prices is None else {c: prices[c] for c in asked if c in prices}
    if prices is not None and len(chosen) < len(prices):
        raise NotAnUnderbidder
    if not chosen:
        raise NobodyChosen
    _check_none_running(session, lot_id)
    lasts_s = seconds_of(hours)
    made = [_in_line(lot, *one, place, lasts_s) for place, one in enumerate(chosen.items())]
    session.add_all(made)
    session.flush()
    session.add_all(step_of(offer, "make", "house", actor) for offer in made)
    for offer in made if at_once else made[:1]:
        take_step(session, Held(lot, offer), "give", "clock", member=actor)
        tell_later(session, offer)
    ids = [offer.id for offer in made]
    audit.record(session, "lot.offer_underbidders", f"lot:{lot_id}", actor=actor, offers=ids,
                 at_once=at_once)  # fmt: skip
    return ids


def offer_to_everybody(
    session: Session, lot_id: int, *, price: int, until: datetime, actor: int | None
) -> int:
    """Let everybody registered for the sale have an unsold lot at a price; returns the offer's id.

    Raises NotUnsold, LotInvoiced, OfferStands, AmountInvalid and UntilInvalid.
    """
    lot = _held_unsold(session, lot_id)
    let_go(session, lot_id)
    _check_amount(price)
    now = moment(lot.now)
    if not timedelta(hours=1) <= until - now <= timedelta(days=MOST_DAYS):
        raise UntilInvalid(most=MOST_DAYS)
    if _running(session, lot_id, "everybody"):
        raise OfferStands
    offer = LotOffer(
        sale_id=lot.row["sale_id"], lot_id=lot_id, kind="everybody", state="with_bidder",
        amount=price, lasts_s=int((until - now).total_seconds()), steps=1, expires_at=until,
    )  # fmt: skip
    session.add(offer)
    session.flush()
    session.add(step_of(offer, "make", "house", actor))
    public = {"price": price, "until": iso(microseconds(until))}
    lot.enter("after_sale", public, Private(placed_by=actor))
    write(session, lot)
    audit.record(session, "lot.after_sale", f"lot:{lot_id}", actor=actor, offer=offer.id)
    return offer.id


def end_everybody(session: Session, held: Held) -> None:
    """Write that a held lot is no longer offered to everybody."""
    held.lot.enter("after_sale", {"price": None, "until": None})
    write(session, held.lot)


def _held_unsold(session: Session, lot_id: int) -> HotLot:
    lot = hold(session, lot_id)
    if lot.outcome == "conditional":
        raise StillDeciding
    if (lot.status, lot.outcome) != ("closed", "unsold"):
        raise NotUnsold
    if lot.terms.shared or lot.terms.choice is not None:
        raise SharedLot
    return lot


def _asked(session: Session, lot: HotLot) -> list[Asked]:
    found = _in_order(session, lot)
    may = session.execute(
        _MAY_BUY, {"sale": lot.row["sale_id"], "clients": [one.client_id for one in found]}
    )
    allowed = {row.id for row in may} - {lot.row["consignor"]}
    return [Asked(one.client_id, one.amount, one.client_id in allowed) for one in found]


def _in_order(session: Session, lot: HotLot) -> list[Underbidder]:
    out = session.scalars(_OUT, {"lot": lot.lot_id}).all()
    if lot.terms.sealed is not None:
        bids = box_of(session, lot.lot_id).standing.values()
        opened = [(bid, bid.opened(lot.book).amount) for bid in bids]
        found = [Underbidder(bid.client_id, amount, bid.entry) for bid, amount in opened]
        return highest_first(found, out)
    story = story_of(session, lot)
    terms = replace(lot.terms, reserve=story.reserve)
    led = redecide(terms, lot.state, story.events, story.cancelled)
    return underbidders(story.events, story.cancelled, led, out)


def _in_line(lot: HotLot, client: int, price: int, place: int, lasts_s: int) -> LotOffer:
    _check_amount(price)
    return LotOffer(
        sale_id=lot.row["sale_id"], lot_id=lot.lot_id, client_id=client, kind="underbidder",
        state="waiting", amount=price, lasts_s=lasts_s, place=place, steps=1,
    )  # fmt: skip


def _check_amount(price: int) -> None:
    if not 0 < price <= LARGEST_AMOUNT:
        raise AmountInvalid(example="1250")


def _running(session: Session, lot_id: int, kind: str) -> Sequence[int]:
    query = select(LotOffer.id).where(
        LotOffer.lot_id == lot_id, LotOffer.kind == kind, LotOffer.ended_at.is_(None)
    )
    return session.scalars(query).all()


def _check_none_running(session: Session, lot_id: int) -> None:
    """Raise OfferStands while underbidders still have the lot or wait for it."""
    if _running(session, lot_id, "underbidder"):
        raise OfferStands
