"""A lot sold subject to its seller's consent: what the seller says, or that nothing was said."""

from typing import Literal

from sqlalchemy.orm import Session

from auctionhouse.bidding.hot_lot import Private, write
from auctionhouse.offers.holding import Held, take_step
from auctionhouse.offers.refusals import OfferMoved
from auctionhouse.offers.rules import Actor

DECISIONS = {"accept": "accepted", "decline": "refused", "expire": "lapsed"}
"""Act → what the lot's ledger calls it."""


def decide(
    session: Session,
    held: Held,
    act: Literal["accept", "decline", "expire"],
    by: Actor,
    member: int | None,
) -> None:
    """End the waiting of a held lot: sold to who led at the price, or not sold."""
    lot = held.lot
    if lot.outcome != "conditional":
        raise OfferMoved
    take_step(session, held, act, by, member=member)
    leader, price = int(lot.state.leader or 0), lot.state.price
    told = {"price": price, "decision": DECISIONS[act]}
    if act == "accept":
        lot.outcome = "sold"
        public = {**told, "who": lot.name_of(leader)}
        lot.enter("hammer", public, Private(client_id=leader, placed_by=member))
        lot.enqueue("bidding.closed_mails", lot=lot.lot_id, mail="accepted_by_seller")
        lot.enqueue("collecting.late_buyer", sale=lot.row["sale_id"])
    else:
        lot.outcome = "unsold"
        lot.enter("unsold", told, Private(placed_by=member))
        lot.enqueue("bidding.closed_mails", lot=lot.lot_id)
        lot.enqueue(
            "bidding.bid_notice", name="refused_by_seller", lot=lot.lot_id, client=leader,
            price=price, notice="",
        )  # fmt: skip
    lot.announce_state()
    write(session, lot)
