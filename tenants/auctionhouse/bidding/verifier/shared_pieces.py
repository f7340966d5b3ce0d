"""Pieces that several buyers share by sealed bids: that they went where the rules give them.

A reserve that stays closed is taken to be the lowest bid that was served: then the others missed it
as the house says, and the rest is proved.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from auctionhouse.bidding.sealed.rules import Envelope, allot
from auctionhouse.bidding.verifier.counted import Counted
from auctionhouse.bidding.verifier.findings import Finding


def shared_out(
    lot: Counted, bids: Sequence[Envelope], payload: Mapping[str, Any], kind: str
) -> Iterator[Finding]:
    """Check a result, given the opened bids; raises KeyError where it tells no awards."""
    awards = payload["awards"] if kind == "hammer" else []
    served = [bid.amount for bid in bids for one in awards if one["entry"] == bid.entry]
    reserve = lot.reserve
    if lot.reserve_closed:
        reserve = min(served, default=1 + max((bid.amount for bid in bids), default=0))
    expected = [asdict(award) for award in allot(replace(lot.terms, reserve=reserve), bids)]
    if awards != expected:
        yield lot.wrong("the pieces did not go where the rules give them")
    elif lot.reserve_closed and len(awards) < len(bids):
        yield lot.unproved("the best bids were served; whether others missed the reserve is closed")
    else:
        yield lot.proved("the pieces went to the best bids, at the prices the terms give")
    leader = awards[0]["who"] if awards else None
    price = min((one["price"] for one in awards), default=None)
    if (lot.state.leader, lot.state.price) != (leader, price):
        yield lot.wrong("leader and price are not those of who was served")
