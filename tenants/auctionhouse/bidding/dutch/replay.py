"""A told story of a falling clock: who takes what, at the price of their instant."""

from collections.abc import Sequence

from auctionhouse.bidding.dutch.rules import Wish, take
from auctionhouse.bidding.replay_format import Story
from auctionhouse.bidding.rules import Decision, State
from auctionhouse.bidding.selling import Award


def run_clock(story: Story) -> tuple[Sequence[Decision], State, Sequence[Award]]:
    """Decide a story's takings by time, at one instant in the story's order.

    Returned are what became of each, in the order of the story, how the lot ends, and who has what.
    """
    terms, state, awards = story.terms, story.start, list[Award]()
    decisions: dict[int, Decision] = {}
    order = sorted(range(len(story.submissions)), key=lambda place: story.submissions[place].at)
    for entry, place in enumerate(order):
        given = story.submissions[place]
        pieces = given.pieces if terms.shared else terms.pieces
        left = terms.pieces - sum(award.pieces for award in awards)
        taking = take(terms, state, Wish(given.who, pieces, given.maximum), given.at, left=left)
        state = taking.state
        if taking.reason is None:
            awards.append(Award(entry, given.who, pieces, taking.price))
        decisions[place] = Decision(
            state, accepted=taking.reason is None, maximum=taking.price, reason=taking.reason
        )
    return [decisions[place] for place in range(len(order))], state, awards
