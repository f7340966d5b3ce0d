"""Underbidders who are asked one after the other: who is next once one has answered."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse.offers.holding import Held, take_step, tell_later
from auctionhouse.offers.models import LotOffer


def move_up(session: Session, held: Held) -> None:
    """Offer a held lot to the next in line, unless somebody else still has it before them."""
    running = select(LotOffer.id).where(
        LotOffer.lot_id == held.lot.lot_id, LotOffer.kind == "underbidder",
        LotOffer.state == "with_bidder",
    )  # fmt: skip
    if session.scalars(running).first() is not None:
        return
    waiting = (
        select(LotOffer)
        .where(LotOffer.lot_id == held.lot.lot_id, LotOffer.state == "waiting")
        .order_by(LotOffer.place, LotOffer.id)
        .limit(1)
        .with_for_update()
    )
    following = session.scalars(waiting).first()
    if following is not None:
        take_step(session, Held(held.lot, following), "give", "clock")
        tell_later(session, following)
