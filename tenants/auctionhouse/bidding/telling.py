"""What became of one submission, in plain words, for whoever may see every maximum.

The back office's simulator and the worked examples tell what decide() answered; the public
explanation of a real lot stands in explanation.py, which knows no maximum.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from auctionhouse.bidding.rules import Decision, State, Terms
from auctionhouse.bidding.style import Style
from auctionxchange.kernel.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Told:
    """A submission as typed, the state it met, and what was decided."""

    terms: Terms
    before: State
    who: int | str
    typed: int
    decision: Decision

    @property
    def after(self) -> State:
        """Return the state it led to."""
        return self.decision.state

    @property
    def reached_reserve(self) -> bool:
        """Tell whether it met the reserve."""
        return self.after.reserve_met and not self.before.reserve_met

    @property
    def in_full(self) -> bool:
        """Tell whether a maximum below the reserve is what is shown."""
        return self.terms.below_reserve == "full_max" and not self.after.reserve_met

    def words(self, style: Style) -> dict[str, Any]:
        """Return what a sentence may name."""
        return {
            "who": self.who,
            "leader": self.after.leader,
            "before": self.before.leader,
            "amount": style.money(self.decision.maximum),
            "price": "–" if self.after.price is None else style.money(self.after.price),
            "asking": style.money(self.before.asking(self.terms)),
            "end": style.clock(self.before.ends_at),
        }


def tell(told: Told, style: Style) -> str:
    """Say in a few sentences what a submission did and why."""
    words = told.words(style)
    if not told.decision.accepted:
        return _refused(told)(words)
    if told.decision.bought:
        return _(
            "%(who)s bought the lot at once for %(price)s; it takes no more bids.",
            **_only(words, "who", "price"),
        )
    said = [_rounded(told, style), _accepted(told, words, style), _extended(told, style)]
    return " ".join(filter(None, said))


def _refused(told: Told) -> Callable[[Mapping[str, Any]], str]:
    assert told.decision.reason is not None
    return REFUSALS[told.decision.reason]


REFUSALS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "early": lambda words: _(
        "%(who)s offered %(amount)s before bidding opened: not taken.",
        who=words["who"],
        amount=words["amount"],
    ),
    "late": lambda words: _(
        "%(who)s offered %(amount)s when the lot had closed at %(end)s: too late, not taken.",
        who=words["who"],
        amount=words["amount"],
        end=words["end"],
    ),
    "too_low": lambda words: _(
        "%(who)s offered %(amount)s, less than the %(asking)s asked: not taken.",
        who=words["who"],
        amount=words["amount"],
        asking=words["asking"],
    ),
    "no_change": lambda words: _(
        "%(who)s leads already with as high a maximum: nothing changes.", who=words["who"]
    ),
    "not_offered": lambda words: _(
        "%(who)s wanted to buy the lot at once, which is no longer offered: not taken.",
        who=words["who"],
    ),
}


def _rounded(told: Told, style: Style) -> str:
    if told.decision.maximum == told.typed:
        return ""
    return _(
        "%(typed)s is not on the ladder and counts as %(counted)s.",
        typed=style.money(told.typed),
        counted=style.money(told.decision.maximum),
    )


def _accepted(told: Told, words: Mapping[str, Any], style: Style) -> str:
    if told.decision.own_raise:
        return _raised(told, words)
    if told.before.leader is None:
        return _first(told, words)
    if told.decision.automatic and told.decision.maximum == told.before.maximum:
        return _(
            "%(who)s offered %(amount)s, as much as %(leader)s had offered before: the earlier"
            " maximum leads, at %(price)s.",
            **_only(words, "who", "amount", "leader", "price"),
        )
    if told.decision.automatic:
        opening = _(
            "%(who)s offered %(amount)s, but %(leader)s’s earlier maximum is higher and answered.",
            **_only(words, "who", "amount", "leader"),
        )
    else:
        opening = _(
            "%(who)s offered up to %(amount)s, more than %(before)s, and leads.",
            **_only(words, "who", "amount", "before"),
        )
    return f"{opening} {_why(told, words, style)}"


def _raised(told: Told, words: Mapping[str, Any]) -> str:
    shown = _only(words, "who", "amount", "price")
    if told.reached_reserve:
        return _(
            "%(who)s raised their own maximum to %(amount)s, which reaches the reserve: the price"
            " is %(price)s.",
            **shown,
        )
    if told.after.price == told.before.price:
        return _(
            "%(who)s raised their own maximum to %(amount)s: the price stays at %(price)s.",
            **shown,
        )
    return _(
        "%(who)s raised their own maximum to %(amount)s: the price follows to %(price)s.", **shown
    )


def _first(told: Told, words: Mapping[str, Any]) -> str:
    shown = _only(words, "who", "amount", "price")
    if told.reached_reserve and told.after.price != told.terms.opening:
        return _(
            "%(who)s made the first bid, up to %(amount)s. It reaches the reserve, so the price"
            " is the reserve: %(price)s.",
            **shown,
        )
    if told.in_full:
        return _(
            "%(who)s made the first bid. Being below the reserve, it is shown in full: %(price)s.",
            **shown,
        )
    return _(
        "%(who)s made the first bid, up to %(amount)s, and leads at the opening price, %(price)s.",
        **shown,
    )


def _why(told: Told, words: Mapping[str, Any], style: Style) -> str:
    """Say why a contested price is what it is."""
    terms, after = told.terms, told.after
    assert after.second is not None
    second = min(told.decision.maximum, told.before.maximum or 0)
    shown = {
        **_only(words, "leader", "price"),
        "second": style.money(second),
        "step": style.money(terms.step_at(second)),
    }
    if told.reached_reserve and after.price == terms.reserve:
        return _("The reserve is reached, so the price is the reserve: %(price)s.",
                 price=shown["price"])  # fmt: skip
    if after.price == told.before.price:
        return _("The price stays at %(price)s.", price=shown["price"])
    if after.price == second + terms.step_at(second):
        return _("The price is %(second)s plus one step of %(step)s: %(price)s.",
                 **_only(shown, "second", "step", "price"))  # fmt: skip
    if told.in_full and after.price == after.maximum:
        return _("Below the reserve the maximum is shown in full: %(price)s.",
                 price=shown["price"])  # fmt: skip
    if after.price == after.maximum:
        return _(
            "A full step of %(step)s above %(second)s would pass %(leader)s’s maximum, so the"
            " price is that maximum: %(price)s.",
            **shown,
        )
    return _(
        "The price is the highest amount on the ladder up to %(second)s plus one step of %(step)s:"
        " %(price)s.",
        **_only(shown, "second", "step", "price"),
    )


def _extended(told: Told, style: Style) -> str:
    if not told.decision.extended:
        return ""
    return _(
        "The bid came shortly before the end, which moves from %(before)s to %(after)s.",
        before=style.clock(told.before.ends_at),
        after=style.clock(told.after.ends_at),
    )


def _only(words: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: words[name] for name in names}
