"""A told story of sealed bids: what is handed in, replaced and taken back until the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auctionhouse.bidding.replay_format import Story
from auctionhouse.bidding.replay_submissions import Submission
from auctionhouse.bidding.rules import Decision, State
from auctionhouse.bidding.sealed.rules import Envelope, sealed_refusal, withdrawal_refusal


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of each submission, in the order of the story, and the bids that stand."""

    decisions: Sequence[Decision]
    bids: Sequence[Envelope]


def hand_in(story: Story) -> HandedIn:
    """Take a story's submissions by time, at one instant in the story's order."""
    stands: dict[int | str, Envelope] = {}
    decisions: dict[int, Decision] = {}
    order = sorted(range(len(story.submissions)), key=lambda place: story.submissions[place].at)
    for entry, place in enumerate(order):
        decisions[place] = _decided(story, stands, story.submissions[place], entry)
    return HandedIn([decisions[place] for place in range(len(order))], list(stands.values()))


def _decided(
    story: Story, stands: dict[int | str, Envelope], given: Submission, entry: int
) -> Decision:
    terms, start, own = story.terms, story.start, stands.get(given.who)
    bid = Envelope(entry, given.who, given.maximum, given.pieces)
    if given.withdraws:
        reason = withdrawal_refusal(terms, start, own, given.at)
    else:
        reason = sealed_refusal(terms, start, own, bid, given.at)
    if reason is None and given.withdraws:
        del stands[given.who]
    elif reason is None:
        stands[given.who] = bid
    state: State = replace(start, bids=len(stands))
    return Decision(
        state, accepted=reason is None, maximum=given.maximum, reason=reason,
        own_raise=own is not None,
    )  # fmt: skip
