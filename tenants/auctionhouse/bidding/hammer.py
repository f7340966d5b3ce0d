"""The hammer: a lot's result as its last bid, or the opening of its bids, leaves it."""

from collections.abc import Sequence
from typing import Any

from auctionhouse.bidding.hot_lot import HotLot, Private
from auctionhouse.bidding.selling import Award


def let_the_hammer_fall(lot: HotLot, awards: Sequence[Award] = ()) -> None:
    """Sell a held lot to who leads, if the reserve is met, else leave it unsold.

    The awards say who has which of its pieces, where several buyers share them.
    """
    winner = lot.state.leader
    lot.status = "closed"
    if winner is not None and lot.state.reserve_met:
        lot.outcome = "sold"
        public = {"price": lot.state.price, "who": lot.name_of(winner), **_shares(lot, awards)}
        lot.enter("hammer", public, Private(client_id=int(winner)))
    else:
        lot.outcome = "unsold"
        lot.enter("unsold", {"price": lot.state.price})


def _shares(lot: HotLot, awards: Sequence[Award]) -> dict[str, Any]:
    """Tell who has how many of a shared lot's pieces, at which price each."""
    told = [
        {"entry": one.entry, "who": lot.name_of(one.who), "pieces": one.pieces, "price": one.price}
        for one in awards
    ]
    return {"awards": told} if told else {}
