"""Deciding a lot again from its ledger, without the bids that no longer count. Pure.

The remaining submissions are put through the same rules in the order they were accepted. Nobody
is late a second time: what stood in the ledger was in time, and ends never move earlier, so the
end stays where it is. Amounts are minor units. Only the standard library is imported.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from auctionhouse.bidding.rules import State, Terms, decide, replace_reserve


@dataclass(frozen=True, slots=True)
class Submission:
    """A maximum that was accepted."""

    sequence: int
    who: int | str
    maximum: int


@dataclass(frozen=True, slots=True)
class Lowered:
    """Somebody lowered their own maximum; what they had submitted before counts up to it."""

    sequence: int
    who: int | str
    maximum: int


@dataclass(frozen=True, slots=True)
class NewReserve:
    """The reserve from here on."""

    sequence: int
    reserve: int | None


Event = Submission | Lowered | NewReserve


def redecide(
    terms: Terms, state: State, events: Sequence[Event], cancelled: Collection[int]
) -> State:
    """Return the state the events give in their order, the cancelled submissions left out.

    Terms carry the reserve the lot opened with; the state tells its times, which stay.
    """
    rules = replace(terms, soft_close=None)
    again = State(
        opens_at=state.opens_at,
        ends_at=state.ends_at,
        scheduled_ends_at=state.scheduled_ends_at,
        reserve_met=terms.reserve is None,
    )
    bids = 0
    for event in events:
        if isinstance(event, NewReserve):
            rules, again = replace_reserve(rules, again, event.reserve)
        elif isinstance(event, Submission) and event.sequence not in cancelled:
            maximum = counted(event, events)
            again = decide(rules, again, event.who, maximum, state.opens_at).state
            bids += 1
    return replace(again, bids=bids)


def counted(submission: Submission, events: Iterable[Event]) -> int:
    """Return how far a submission counts, its bidder's later lowering taken into account."""
    return min(
        [submission.maximum]
        + [
            event.maximum
            for event in events
            if isinstance(event, Lowered)
            and event.who == submission.who
            and event.sequence > submission.sequence
        ]
    )


def standing(events: Iterable[Event], cancelled: Collection[int]) -> list[Submission]:
    """Return the submissions that count, in their order."""
    return [
        event
        for event in events
        if isinstance(event, Submission) and event.sequence not in cancelled
    ]
