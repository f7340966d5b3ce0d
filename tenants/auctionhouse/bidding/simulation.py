"""A story of bids on one lot, decided as the replay command decides it and told line by line.

The story is a line of a replay file, so that what the back office shows, downloads and loads is
what `bidding replay` reads. docs/replay-format.md is the specification.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auctionhouse.bidding.ledger import moment
from auctionhouse.bidding.replay import play, written
from auctionhouse.bidding.replay_format import ALWAYS, LineInvalid, Story, read_story
from auctionhouse.bidding.rules import Decision, State
from auctionhouse.bidding.telling import Style, Told, tell
from auctionhouse.bidding.terms import CHOICES
from auctionhouse.bidding.ways import share_of
from auctionxchange.kernel.money import Currency, decimal_string, format_amount
from auctionxchange.kernel.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one submission; amounts as the reader expects them."""

    accepted: bool
    price: str
    leader: str
    asking: str
    ends_at: str
    why: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """A told story: its steps in the order they were written, and the replay's own result."""

    steps: Sequence[Step]
    result: Mapping[str, Any]
    price: str
    leader: str
    ends_at: str


def simulate(line: Mapping[str, Any], locale: str, clock: Callable[[datetime], str]) -> Simulated:
    """Decide and tell a lot; raises a refusal that names the key and says what to do."""
    if line.get("format", "timed") != "timed":
        raise LineInvalid("format", _("Only timed lots are told here; replay the others."))
    story = read_story(line, number=1)
    played = play([story])[0]
    style = _style(story, locale, clock)
    steps = [
        _step(story, before, index, played.decisions[index], style)
        for index, before in enumerate(_befores(story, played.decisions))
    ]
    result = written(played)
    return Simulated(
        steps=steps,
        result=result,
        price="–" if played.state.price is None else style.money(played.state.price),
        leader=str(played.state.leader or "–"),
        ends_at=style.clock(played.state.ends_at),
    )


def _style(story: Story, locale: str, clock: Callable[[datetime], str]) -> Style:
    return Style(
        money=lambda amount: format_amount(amount, story.currency, locale),
        clock=lambda value: "–" if value >= ALWAYS else clock(moment(value)),
    )


def _befores(story: Story, decisions: Sequence[Decision]) -> list[State]:
    """Return the state each submission met; they are decided by time, then as written."""
    met = [story.start] * len(decisions)
    state = story.start
    for index in sorted(range(len(decisions)), key=lambda index: story.submissions[index].at):
        met[index] = state
        state = decisions[index].state
    return met


def _step(story: Story, before: State, index: int, decision: Decision, style: Style) -> Step:
    given, after = story.submissions[index], decision.state
    return Step(
        accepted=decision.accepted,
        price="–" if after.price is None else style.money(after.price),
        leader="–" if after.leader is None else str(after.leader),
        asking=style.money(after.asking(story.terms)),
        ends_at=style.clock(after.ends_at),
        why=tell(Told(story.terms, before, given.who, given.maximum, decision), style),
    )


def settings_of(terms: Mapping[str, Any], unit: Currency) -> dict[str, Any]:
    """Return stored terms as the keys of a replay file's line."""
    return {
        "increments": [
            [decimal_string(start, unit), decimal_string(step, unit)]
            for start, step in terms.get("increments") or []
        ],
        **{name: terms.get(name, CHOICES[name][0]) for name in CHOICES},
        "soft_close": terms.get("soft_close"),
        "conditional_share": share_of(terms, "conditional_share"),
    }
