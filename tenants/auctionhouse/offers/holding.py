"""An offer held with its lot, and its next step: the only way a row of an offer moves.

Held are first the registration of whom it binds, then the lot, then the offer: the order of every
bid. Times are the lot's: the database's clock once the lot was held.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.bidding.guards import check_purchase
from auctionhouse.bidding.hot_lot import HotLot, hold
from auctionhouse.bidding.ledger import moment
from auctionhouse.bidding.lot_offers import FIGURES
from auctionhouse.bidding.submissions import COLUMNS, JOINS, ORDER, Submission, asked_of
from auctionhouse.offers.models import LotOffer, LotOfferStep
from auctionhouse.offers.refusals import (
    CannotBeSold,
    HoursInvalid,
    OfferExpired,
    OfferMoved,
    OfferUnknown,
)
from auctionhouse.offers.rules import OPEN, Actor, advanced
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.outbox import enqueue

HOUR = 3600
FEWEST_HOURS, MOST_HOURS = 1, 336
_HOLD_REGISTRATION = """
SELECT 1 FROM registration WHERE client_id = ANY (%(clients)s::bigint[])
    AND sale_id = (SELECT sale_id FROM lot_state WHERE lot_id = %(lot)s)
    ORDER BY client_id FOR NO KEY UPDATE"""


@dataclass(slots=True)
class Held:
    """An offer with its lot, both held."""

    lot: HotLot
    offer: LotOffer

    @property
    def now(self) -> datetime:
        """Return the time that decides."""
        return moment(self.lot.now)


def hold_lot_for(session: Session, lot_id: int, submission: Submission) -> HotLot:
    """Hold a lot with what the guards ask of one bidder, whose registration is held before it."""
    return hold(
        session, lot_id, before=_HOLD_REGISTRATION, columns=COLUMNS, joins=JOINS, order=ORDER,
        parameters=asked_of([(lot_id, submission)]),
    )  # fmt: skip


def hold_offer(session: Session, offer_id: int, *, actor: int = 0, locale: str = "en") -> Held:
    """Hold an offer and its lot for whoever acts on it; raises OfferUnknown."""
    known = session.execute(
        select(LotOffer.lot_id, LotOffer.client_id, LotOffer.amount).where(LotOffer.id == offer_id)
    ).first()
    if known is None:
        raise OfferUnknown
    submission = Submission(known.client_id or 0, actor, known.amount, uuid4(), locale)
    lot = hold_lot_for(session, known.lot_id, submission)
    offer = session.get_one(LotOffer, offer_id, with_for_update=True, populate_existing=True)
    return Held(lot, offer)


def check_in_time(held: Held) -> None:
    """Raise OfferExpired once the time to answer has passed, whoever has noticed it."""
    expires = held.offer.expires_at
    if expires is not None and held.now >= expires:
        raise OfferExpired


def take_step(
    session: Session,
    held: Held,
    act: str,
    by: Actor,
    *,
    member: int | None = None,
    amount: int | None = None,
    lasts_s: int | None = None,
) -> None:
    """Move a held offer by an act; raises OfferMoved where it is not that party's to do now."""
    offer = held.offer
    state = advanced(offer.kind, offer.state, act, by)
    if state is None:
        raise OfferMoved
    offer.state = state
    offer.amount = offer.amount if amount is None else amount
    offer.lasts_s = offer.lasts_s if lasts_s is None else lasts_s
    offer.steps += 1
    turns = state in {"with_house", "with_bidder"}
    offer.expires_at = held.now + timedelta(seconds=offer.lasts_s) if turns else None
    offer.ended_at = None if state in OPEN else held.now
    session.add(step_of(offer, act, by, member))
    enqueue(session, FIGURES)
    session.flush()


def step_of(offer: LotOffer, act: str, by: Actor, member: int | None) -> LotOfferStep:
    """Return the row that keeps an offer's latest step."""
    return LotOfferStep(
        offer_id=offer.id, number=offer.steps, act=act, actor=by, amount=offer.amount,
        member_id=member,
    )  # fmt: skip


def tell_later(session: Session, offer: LotOffer) -> None:
    """Have the bidder told where an offer stands."""
    enqueue(session, "offers.tell", offer=offer.id)


def ask_house_later(session: Session, offer: LotOffer) -> None:
    """Have staff told that an offer waits for them."""
    enqueue(session, "offers.ask_house", offer=offer.id)


def seconds_of(hours: int) -> int:
    """Return a time to answer in seconds; raises HoursInvalid."""
    if not FEWEST_HOURS <= hours <= MOST_HOURS:
        raise HoursInvalid(least=FEWEST_HOURS, most=MOST_HOURS)
    return hours * HOUR


def check_may_buy(session: Session, held: Held, submission: Submission, by: Actor) -> None:
    """Hold whom an offer binds to what lets them buy; the house is not told what does not."""
    try:
        check_purchase(session, held.lot, submission)
    except DomainError as refusal:
        if by == "house":
            raise CannotBeSold from refusal
        raise
