"""Answers to offers: accepted, declined, countered, withdrawn; by the bidder or by the house.

An answer says which amount it is about, so that nobody accepts what they have not seen. Whoever
answers twice the same is told the same.
"""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.submissions import Submission
from auctionhouse.offers.after_sale import end_everybody
from auctionhouse.offers.conditions import decide
from auctionhouse.offers.holding import (
    Held,
    ask_house_later,
    check_in_time,
    check_may_buy,
    hold_offer,
    seconds_of,
    take_step,
    tell_later,
)
from auctionhouse.offers.line import move_up
from auctionhouse.offers.making import check_free, sell_by_agreement
from auctionhouse.offers.models import LotOffer
from auctionhouse.offers.refusals import (
    CounterInvalid,
    NotUnsold,
    OfferMoved,
    OfferUnknown,
)
from auctionhouse.offers.rules import OFFER_TRANSITIONS, OPEN, Actor
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid, currency, format_amount


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers: who they are, what they do, and about which amount they speak.

    A bidder is a client with an account. A counter-offer has an amount of its own, and the house's
    says in how many hours it is to be answered.
    """

    by: Actor
    act: str
    amount: int
    member: int
    client_id: int = 0
    counter: int | None = None
    hours: int | None = None
    locale: str = "en"


def answer_offer(session: Session, offer_id: int, answer: Answer) -> LotOffer:
    """Do what was answered; returns the offer as it then stands.

    Raises OfferUnknown, OfferMoved, OfferExpired, CounterInvalid, HoursInvalid, AmountInvalid, and
    of an acceptance what keeps the bidder from buying; the house is told CannotBeSold alone.
    """
    held = hold_offer(session, offer_id, actor=answer.member, locale=answer.locale)
    offer = held.offer
    if offer.kind == "choosing":
        raise OfferUnknown
    if answer.by == "bidder" and offer.client_id != answer.client_id:
        raise OfferUnknown
    if _answered_before(offer, answer):
        return offer
    if offer.state not in OPEN or offer.amount != answer.amount:
        raise OfferMoved
    if answer.act != "withdraw":
        check_in_time(held)
    _DO[answer.act](session, held, answer)
    if answer.by == "house":
        audit.record(
            session, f"offer.{answer.act}", f"lot:{offer.lot_id}", actor=answer.member,
            offer=offer.id,
        )  # fmt: skip
    return offer


def _answered_before(offer: LotOffer, answer: Answer) -> bool:
    """Tell whether the offer ended by this very act, sent twice."""
    ends = {acts.get(answer.act) for acts in OFFER_TRANSITIONS.values()}
    return offer.state in ends and offer.state not in OPEN and offer.amount == answer.amount


def _accept(session: Session, held: Held, answer: Answer) -> None:
    offer = held.offer
    if offer.kind == "conditional":
        decide(session, held, "accept", answer.by, answer.member)
        return
    submission = Submission(
        offer.client_id or 0, answer.member, offer.amount, uuid4(), answer.locale
    )
    take_step(session, held, "accept", answer.by, member=answer.member)
    check_may_buy(session, held, submission, answer.by)
    _check_for_sale(held)
    sell_by_agreement(session, held, submission)


def _check_for_sale(held: Held) -> None:
    """Raise why the lot cannot go to whom it is offered."""
    if held.offer.kind == "best":
        check_free(held.lot)
    elif (held.lot.status, held.lot.outcome) != ("closed", "unsold"):
        raise NotUnsold


def _decline(session: Session, held: Held, answer: Answer) -> None:
    if held.offer.kind == "conditional":
        decide(session, held, "decline", answer.by, answer.member)
        return
    take_step(session, held, "decline", answer.by, member=answer.member)
    _told(session, held, answer)


def _withdraw(session: Session, held: Held, answer: Answer) -> None:
    take_step(session, held, "withdraw", answer.by, member=answer.member)
    _told(session, held, answer)


def _told(session: Session, held: Held, answer: Answer) -> None:
    """Tell the bidder what the house did, and offer the lot to the next in line."""
    if answer.by == "house":
        tell_later(session, held.offer)
    if held.offer.kind == "underbidder":
        move_up(session, held)
    if held.offer.kind == "everybody":
        end_everybody(session, held)


def _counter(session: Session, held: Held, answer: Answer) -> None:
    amount = answer.counter
    if amount is None or not 0 < amount <= LARGEST_AMOUNT:
        raise AmountInvalid(example="1250")
    check_free(held.lot)
    _check_counter(held, answer, amount)
    lasts = None if answer.hours is None else seconds_of(answer.hours)
    take_step(
        session, held, "counter", answer.by, member=answer.member, amount=amount, lasts_s=lasts
    )
    if answer.by == "bidder":
        submission = Submission(answer.client_id, answer.member, amount, uuid4(), answer.locale)
        check_may_buy(session, held, submission, answer.by)
        ask_house_later(session, held.offer)
    else:
        tell_later(session, held.offer)


def _check_counter(held: Held, answer: Answer, amount: int) -> None:
    """Raise CounterInvalid for an answer that moves apart, or above the buy-now price."""
    unit = currency(held.lot.row["currency"])

    def shown(value: int) -> str:
        return format_amount(value, unit, answer.locale)

    if answer.by == "house" and amount <= held.offer.amount:
        raise CounterInvalid(why="above", shown=shown(held.offer.amount))
    if answer.by == "bidder" and amount >= held.offer.amount:
        raise CounterInvalid(why="below", shown=shown(held.offer.amount))
    price = held.lot.buy_now
    if price is not None and amount >= price:
        raise CounterInvalid(why="price", shown=shown(price))


_DO = {"accept": _accept, "decline": _decline, "withdraw": _withdraw, "counter": _counter}
