"""What became of a sealed bid in a told story, and of all of them, for who may see every amount."""

from collections.abc import Callable, Mapping, Sequence

from auctionhouse.bidding.replay_format import Story
from auctionhouse.bidding.replay_submissions import Submission
from auctionhouse.bidding.rules import Decision, State, Terms
from auctionhouse.bidding.sealed.rules import Envelope, allot, ranked
from auctionhouse.bidding.selling import in_all
from auctionhouse.bidding.style import Style
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import ngettext


def tell_sealed(story: Story, given: Submission, decision: Decision, style: Style) -> str:
    """Say what one submission did."""
    words = {"who": given.who, "amount": _offered(story, given, style)}
    if decision.reason is not None:
        return REFUSALS[decision.reason](story, given, style)
    if given.withdraws:
        return _("%(who)s took the sealed bid back.", who=given.who)
    if decision.own_raise:
        return _("%(who)s replaced the sealed bid: now %(amount)s.", **words)
    return _("%(who)s handed in %(amount)s under seal.", **words)


def _offered(story: Story, given: Submission, style: Style) -> str:
    """Write what a submission offers, and for how many pieces where they are shared."""
    amount = style.money(given.maximum)
    if not story.terms.shared:
        return amount
    return _("%(amount)s for each of %(pieces)s", amount=amount, pieces=given.pieces)


REFUSALS: Mapping[str, Callable[[Story, Submission, Style], str]] = {
    "early": lambda _story, given, _style: _(
        "%(who)s came before bids were taken: not taken.", who=given.who
    ),
    "late": lambda _story, given, _style: _("%(who)s came after the end: too late.", who=given.who),
    "too_low": lambda story, given, style: _(
        "%(who)s offered %(amount)s, less than the least bid of %(least)s: not taken.",
        who=given.who, amount=style.money(given.maximum), least=style.money(story.terms.opening),
    ),
    "no_change": lambda _story, given, _style: _(
        "That is what %(who)s bid already: it keeps its place in time.", who=given.who
    ),
    "final": lambda _story, given, _style: _(
        "The terms let %(who)s’s sealed bid stand as it is.", who=given.who
    ),
    "nothing": lambda _story, given, _style: _(
        "%(who)s had no sealed bid to take back.", who=given.who
    ),
    "too_many": lambda story, given, _style: _(
        "%(who)s asked for %(wanted)s of %(pieces)s pieces: not taken.",
        who=given.who, wanted=given.pieces, pieces=story.terms.pieces,
    ),
}  # fmt: skip


def tell_opening(story: Story, bids: Sequence[Envelope], state: State, style: Style) -> list[str]:
    """Say what the opening of all bids led to, and why at this price."""
    order = ranked(bids)
    if not order:
        return [_("Nobody bid.")]
    if story.terms.shared:
        return tell_shares(story.terms, order, style)
    said = [
        _(
            "The bids are opened: %(bids)s.",
            bids=", ".join(f"{bid.who} {style.money(bid.amount)}" for bid in order),
        )
    ]
    best, price = order[0], style.money(state.price or 0)
    if not state.reserve_met:
        return [*said, _("The highest does not reach the reserve: not sold.")]
    if len(order) > 1 and order[1].amount == best.amount:
        said.append(_("Of equal bids the earlier wins."))
    if story.terms.format == "sealed_second":
        said.append(
            _("The highest bid wins and pays the second highest, or the least bid or the reserve if"
              " that is more: %(who)s buys for %(price)s.", who=best.who, price=price)
        )  # fmt: skip
    else:
        said.append(
            _("The highest bid wins at its own amount: %(who)s buys for %(price)s.", who=best.who,
              price=price)
        )  # fmt: skip
    return said


def tell_shares(terms: Terms, bids: Sequence[Envelope], style: Style) -> list[str]:
    """Say who has how many of a lot's pieces, and at which price each."""
    shown = (
        _("%(who)s %(amount)s for each of %(pieces)s", who=bid.who, pieces=bid.pieces,
          amount=style.money(bid.amount))
        for bid in ranked(bids)
    )  # fmt: skip
    said = [_("The bids are opened: %(bids)s.", bids="; ".join(shown))]
    awards = allot(terms, bids)
    if not awards:
        return [*said, _("None reaches the reserve: not sold.")]
    shares = (
        _("%(who)s %(pieces)s for %(price)s each", who=award.who, pieces=award.pieces,
          price=style.money(award.price))
        for award in awards
    )  # fmt: skip
    total = style.money(sum(in_all(award.price, award.pieces) for award in awards))
    said.append(
        _("Of %(pieces)s pieces the best bids are served first: %(shares)s. %(total)s in all.",
          pieces=terms.pieces, shares="; ".join(shares), total=total)
    )  # fmt: skip
    left = terms.pieces - sum(award.pieces for award in awards)
    unsold = ngettext("%(num)d piece stays unsold.", "%(num)d pieces stay unsold.", left)
    return [*said, unsold] if left else said
