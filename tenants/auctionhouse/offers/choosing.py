"""The winner of a buyer's choice chooses among the lot's pieces, or is given the first of them.

Whether it still is to be chosen is decided under the lot's lock: of two who choose at once, or of a
winner and the deadline, one comes first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import Private, write
from auctionhouse.bidding.selling import Award, Choice, choice_fault, in_all
from auctionhouse.bidding.submissions import Submission
from auctionhouse.offers.holding import Held, check_may_buy, hold_offer, take_step
from auctionhouse.offers.refusals import ChoiceInvalid, ChoiceMade, ChoiceOver, OfferUnknown
from auctionhouse.offers.rules import OPEN

By = Literal["buyer", "house", "clock"]
KIND = "choosing"
_LATEST = text(
    "SELECT id, client_id FROM lot_offer WHERE lot_id = :lot AND kind = 'choosing'"
    " ORDER BY id DESC LIMIT 1"
)
_UNTIL = text(
    "SELECT expires_at FROM lot_offer WHERE lot_id = :lot AND kind = 'choosing'"
    " AND ended_at IS NULL"
)
_CHOSEN = text(
    "SELECT payload FROM ledger_entry WHERE lot_id = :lot AND kind = 'chosen'"
    " ORDER BY sequence DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Whose choice it is, who makes it, and the token that makes a choice sent twice one."""

    client_id: int
    member: int
    token: UUID
    by: Literal["buyer", "house"] = "buyer"
    locale: str = "en"


def choose(session: Session, lot_id: int, wanted: Sequence[int], chooser: Chooser) -> int:
    """Sell the pieces of these numbers to who won the right to choose; returns how many.

    Raises OfferUnknown for anybody else, ChoiceMade, ChoiceOver, ChoiceInvalid, and of more than
    one piece what keeps the winner from buying so many.
    """
    known = session.execute(_LATEST, {"lot": lot_id}).first()
    if known is None or known.client_id != chooser.client_id:
        raise OfferUnknown
    held = hold_offer(session, known.id, actor=chooser.member, locale=chooser.locale)
    lot, offer = held.lot, held.offer
    if offer.token == chooser.token:
        return len(chosen_on(session, lot_id))
    if offer.state not in OPEN or lot.outcome != KIND or lot.terms.choice is None:
        raise ChoiceMade
    if offer.expires_at is not None and held.now >= offer.expires_at:
        raise ChoiceOver
    check_chosen(lot.terms.choice, wanted)
    if len(wanted) > 1:
        total = in_all(offer.amount, len(wanted))
        buyer = Submission(chooser.client_id, chooser.member, total, chooser.token, chooser.locale)
        check_may_buy(session, held, buyer, "house" if chooser.by == "house" else "bidder")
    offer.token = chooser.token
    take_step(session, held, "accept", "bidder", member=chooser.member)
    _settle(session, held, sorted(wanted), chooser.by, chooser.member)
    return len(wanted)


def check_chosen(choice: Choice, wanted: Sequence[int]) -> None:
    """Raise ChoiceInvalid for numbers nobody could choose."""
    fault = choice_fault(choice, wanted)
    if fault is not None:
        raise ChoiceInvalid(why=fault, most=choice.pieces)


def give_the_first(session: Session, held: Held) -> None:
    """Sell the first piece of a held lot to a winner who has not chosen in time."""
    take_step(session, held, "expire", "clock")
    _settle(session, held, [1], "clock", None)


def _settle(
    session: Session, held: Held, wanted: Sequence[int], by: By, member: int | None
) -> None:
    lot = held.lot
    leader, price = int(lot.state.leader or 0), lot.state.price or 0
    lot.outcome = "sold"
    public = {"price": price, "who": lot.name_of(leader), "chosen": list(wanted), "by": by}
    entry = lot.enter("chosen", public, Private(client_id=leader, placed_by=member))
    lot.awards.append(Award(entry, leader, len(wanted), price))
    lot.enqueue("bidding.closed_mails", lot=lot.lot_id, mail="chosen")
    lot.enqueue("collecting.late_buyer", sale=lot.row["sale_id"])
    lot.announce_state()
    write(session, lot)


def choose_until(session: Session, lot_id: int) -> datetime | None:
    """Return until when the winner of a lot may choose; None where nobody is to choose."""
    until: datetime | None = session.execute(_UNTIL, {"lot": lot_id}).scalar()
    return until


def chosen_on(session: Session, lot_id: int) -> list[int]:
    """Return the numbers of the pieces that were chosen last on a lot."""
    payload = session.execute(_CHOSEN, {"lot": lot_id}).scalar()
    return [] if payload is None else list(json.loads(payload)["chosen"])
