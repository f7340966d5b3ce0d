"""What may be done about an offer, by whom, and what comes of it. Pure.

An offer is of one of five kinds: a bidder's own (best), a bid that waits for the seller
(conditional), a winner's right to choose among pieces (choosing), the house's to an underbidder,
and the house's to everybody registered. Amounts are minor units.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from auctionhouse.bidding.redecide import Event, counted, standing
from auctionhouse.bidding.rules import State

Actor = Literal["bidder", "house", "rule", "clock"]

OFFER_TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "waiting": {"give": "with_bidder", "withdraw": "withdrawn", "lapse": "lapsed"},
    "with_house": {
        "accept": "accepted", "decline": "declined", "counter": "with_bidder",
        "withdraw": "withdrawn", "expire": "expired", "lapse": "lapsed",
    },
    "with_bidder": {
        "accept": "accepted", "decline": "declined", "counter": "with_house",
        "withdraw": "withdrawn", "expire": "expired", "lapse": "lapsed",
    },
    "accepted": {}, "declined": {}, "withdrawn": {}, "expired": {}, "lapsed": {},
}  # fmt: skip
"""State → act → next state, of offers of every kind. What is in line waits for those before it."""

OPEN = tuple(state for state, acts in OFFER_TRANSITIONS.items() if acts)

MAY: Mapping[tuple[str, str], Mapping[str, Actor]] = {
    ("best", "with_house"): {
        "accept": "house", "decline": "house", "counter": "house", "withdraw": "bidder",
    },
    ("best", "with_bidder"): {
        "accept": "bidder", "decline": "bidder", "counter": "bidder", "withdraw": "house",
    },
    ("conditional", "with_house"): {"accept": "house", "decline": "house"},
    ("choosing", "with_bidder"): {"accept": "bidder"},
    ("underbidder", "waiting"): {"withdraw": "house"},
    ("underbidder", "with_bidder"): {
        "accept": "bidder", "decline": "bidder", "withdraw": "house",
    },
    ("everybody", "with_bidder"): {"withdraw": "house"},
}  # fmt: skip
"""Kind and state → act → who may; time and what happens to the lot do the rest by themselves."""


def advanced(kind: str, state: str, act: str, by: Actor) -> str | None:
    """Return the state an act leads to, or None where it is not theirs to do now."""
    if by in {"house", "bidder"} and MAY.get((kind, state), {}).get(act) != by:
        return None
    return OFFER_TRANSITIONS[state].get(act)


def acts_of(kind: str, state: str, by: Actor) -> list[str]:
    """Return what somebody may do about an offer now."""
    return [act for act, who in MAY.get((kind, state), {}).items() if who == by]


@dataclass(frozen=True, slots=True)
class Underbidder:
    """Who bid on a lot, up to how much it counted, and where that stands in the ledger."""

    client_id: int
    amount: int
    sequence: int


def underbidders(
    events: Sequence[Event], cancelled: Collection[int], led: State, without: Iterable[int]
) -> list[Underbidder]:
    """Return who bid, the highest first, of equal ones the earliest; some clients left out.

    A bidder who was beaten counts with the whole maximum, which beating them used up. Who led the
    bidding at its end counts with the price alone: what their maximum was above it stays theirs.
    """
    left_out = set(without)
    best: dict[int, Underbidder] = {}
    for bid in standing(events, cancelled):
        client = int(bid.who)
        amount = (led.price or 0) if bid.who == led.leader else counted(bid, events)
        known = best.get(client)
        if client not in left_out and (known is None or amount > known.amount):
            best[client] = Underbidder(client, amount, bid.sequence)
    return highest_first(best.values(), left_out)


def highest_first(found: Iterable[Underbidder], without: Iterable[int]) -> list[Underbidder]:
    """Return who bid in the order they are asked, of equal ones the earliest; some left out."""
    left_out = set(without)
    asked = [one for one in found if one.client_id not in left_out]
    return sorted(asked, key=lambda one: (-one.amount, one.sequence))
