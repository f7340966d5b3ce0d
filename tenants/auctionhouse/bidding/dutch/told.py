"""What became of somebody who took at a falling clock in a told story, and of the clock."""

from collections.abc import Callable, Mapping

from auctionhouse.bidding.dutch.rules import begins_at, clock_of
from auctionhouse.bidding.replay_format import Story
from auctionhouse.bidding.replay_submissions import Submission
from auctionhouse.bidding.rules import Decision, State
from auctionhouse.bidding.selling import in_all
from auctionhouse.bidding.style import Style
from auctionxchange.kernel.translation import gettext as _


def tell_taking(story: Story, given: Submission, decision: Decision, style: Style) -> str:
    """Say what one taking did; the decision's maximum is what the clock showed."""
    if decision.reason is not None:
        return REFUSALS[decision.reason](story, given, decision, style)
    words = {"who": given.who, "price": style.money(decision.maximum)}
    if story.terms.shared:
        total = style.money(in_all(decision.maximum, given.pieces))
        return _(
            "The clock shows %(price)s: %(who)s takes %(pieces)s for %(total)s.",
            pieces=given.pieces, total=total, **words,
        )  # fmt: skip
    return _("The clock shows %(price)s: %(who)s takes the lot.", **words)


Refusal = Callable[[Story, Submission, Decision, Style], str]
REFUSALS: Mapping[str, Refusal] = {
    "early": lambda story, given, _decision, style: _(
        "%(who)s came before the clock ran. It starts at %(at)s with %(start)s.",
        who=given.who, at=style.clock(begins_at(story.terms, story.start.ends_at)),
        start=style.money(clock_of(story.terms).start),
    ),
    "late": lambda _story, given, _decision, _style: _(
        "The clock had stopped: %(who)s came too late.", who=given.who
    ),
    "too_low": lambda _story, given, decision, style: _(
        "The clock still shows %(price)s, more than the %(limit)s %(who)s offers: not taken.",
        price=style.money(decision.maximum), limit=style.money(given.maximum), who=given.who,
    ),
    "too_many": lambda _story, given, _decision, _style: _(
        "%(who)s wants %(pieces)s, and fewer are left: not taken.",
        who=given.who, pieces=given.pieces,
    ),
}  # fmt: skip


def tell_stop(story: Story, state: State, style: Style) -> list[str]:
    """Say what came of a lot whose clock has stopped."""
    lowest = style.money(story.terms.opening)
    if state.bids:
        return []
    if story.terms.reserve is not None and story.terms.reserve > story.terms.opening:
        return [_("The clock falls below the reserve and stops: not sold.")]
    return [_("The clock falls to %(lowest)s and stops: not sold.", lowest=lowest)]
