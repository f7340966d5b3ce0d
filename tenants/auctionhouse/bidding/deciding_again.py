"""A lot held and decided again from its ledger, whoever asks for it and why.

Who would lead again but has bound the sum or the choice to another lot meanwhile does not: what
of their bids is beyond their limits lapses, which is written down with the act.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.errors import LotUnknown
from auctionhouse.bidding.exposure import chosen_instead, room
from auctionhouse.bidding.hot_lot import HotLot, hold
from auctionhouse.bidding.limits import held_by, hold_sale, limits_of
from auctionhouse.bidding.redecide import (
    Event,
    Lowered,
    NewReserve,
    Submission,
    counted,
    redecide,
    standing,
)
from auctionhouse.bidding.rules import State

_SALE = text("SELECT sale_id FROM lot WHERE id = :lot")
_ENTRIES = text(
    "SELECT sequence, at, kind, client_id, placed_by_member_id, maximum, payload FROM ledger_entry"
    " WHERE lot_id = :lot AND kind IN"
    " ('opened', 'terms_changed', 'bid', 'raise', 'retraction', 'cancellation', 'reopened')"
    " ORDER BY sequence"
)
_MEMBER = text("SELECT member_id FROM client WHERE id = :client")


@dataclass(frozen=True, slots=True)
class Placed:
    """A submission that counts, with what is kept beside it; the maximum stays in the book."""

    sequence: int
    at: datetime
    client_id: int
    placed_by: int
    who: str
    kind: str


@dataclass(frozen=True, slots=True)
class Story:
    """What a lot's ledger tells of its bids."""

    reserve: int | None
    events: Sequence[Event]
    cancelled: frozenset[int]
    placed: Sequence[Placed]

    def of(self, client_id: int) -> list[Placed]:
        """Return a client's standing bids."""
        return [bid for bid in self.placed if bid.client_id == client_id]


def hold_to_decide_again(session: Session, lot_id: int) -> HotLot:
    """Hold a lot, and before it its sale and the limits of the sale's bidders."""
    sale_id = session.execute(_SALE, {"lot": lot_id}).scalar()
    if sale_id is None:
        raise LotUnknown
    hold_sale(session, sale_id)
    return hold(session, lot_id)


def story_of(session: Session, lot: HotLot) -> Story:
    """Read what a held lot's ledger tells of its bids."""
    rows = session.execute(_ENTRIES, {"lot": lot.lot_id}).all()
    events: list[Event] = []
    cancelled: set[int] = set()
    for row in rows[1:]:
        payload = json.loads(row.payload)
        cancelled.update(payload.get("retracts", ()), payload.get("lapsed", ()))
        event = _event(row, lot.book.open(row.maximum), payload)
        if event is not None:
            events.append(event)
    placed = [
        Placed(
            row.sequence, row.at, row.client_id, row.placed_by_member_id,
            str(lot.name_of(row.client_id)), row.kind,
        )
        for row in rows
        if row.kind in {"bid", "raise"} and row.sequence not in cancelled
    ]  # fmt: skip
    reserve = lot.book.open(rows[0].maximum) if rows else lot.terms.reserve
    return Story(reserve, events, frozenset(cancelled), placed)


def _event(row: Any, maximum: int | None, payload: dict[str, Any]) -> Event | None:
    if row.kind == "terms_changed":
        return NewReserve(row.sequence, maximum)
    if row.kind in {"bid", "raise"}:
        return Submission(row.sequence, row.client_id, maximum or 0)
    if payload.get("lowers"):
        return Lowered(row.sequence, row.client_id, maximum or 0)
    return None


def decide_again(
    session: Session,
    lot: HotLot,
    story: Story,
    *,
    retracts: Collection[int] = (),
    lowered: Lowered | None = None,
) -> list[int]:
    """Put a held lot into the state that remains; returns the bids that lapse beside."""
    events = story.events if lowered is None else [*story.events, lowered]
    terms = replace(lot.terms, reserve=story.reserve)
    gone = story.cancelled | set(retracts)
    lapsed: list[int] = []
    while True:
        state = redecide(terms, lot.state, events, gone.union(lapsed))
        beyond = _beyond(session, lot, state, standing(events, gone.union(lapsed)), events)
        if not beyond:
            lot.state = state
            return lapsed
        lapsed += beyond


def _beyond(
    session: Session,
    lot: HotLot,
    state: State,
    remaining: Sequence[Submission],
    events: Sequence[Event],
) -> list[int]:
    """Return the bids of who would lead that are beyond their own limits."""
    if state.leader is None:
        return []
    sale_id, leader = lot.row["sale_id"], int(state.leader)
    limits = limits_of(session, sale_id, leader)
    if limits.spending is None and not limits.choices:
        return []
    held = held_by(session, sale_id, leader)
    own = [bid for bid in remaining if bid.who == leader]
    if chosen_instead(limits, held, lot.lot_id) is not None:
        return [bid.sequence for bid in own]
    left = room(limits, held, lot.lot_id)
    if left is None:
        return []
    return [bid.sequence for bid in own if lot.terms.total(counted(bid, events)) > left]


def tell_change(session: Session, lot: HotLot, before: int | str | None, mail: str) -> None:
    """Tell who leads now, and did not before, by live event and by a mail of some name."""
    leader = lot.state.leader
    if leader is None or leader == before:
        return
    standing_event(session, lot, int(leader), "leading")
    lot.enqueue(
        "bidding.bid_notice", name=mail, lot=lot.lot_id, client=int(leader),
        price=lot.state.price, notice="",
    )  # fmt: skip


def standing_event(session: Session, lot: HotLot, client_id: int, standing: str) -> None:
    """Announce a standing to a client's own channel; one without an account has none."""
    member = session.execute(_MEMBER, {"client": client_id}).scalar()
    if member is None:
        return
    payload = {
        "type": "standing",
        "lot": lot.lot_id,
        "standing": standing,
        "price": lot.state.price,
        "number": lot.row["number"],
        "reference": lot.row["reference"],
    }
    lot.announce(f"member:{member}", payload)
