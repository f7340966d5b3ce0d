"""A story of bids on one lot, decided as the replay command decides it and told line by line.

The story is a line of a replay file, so that what the back office shows, downloads and loads is
what `bidding replay` reads. docs/replay-format.md is the specification.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auctionhouse.bidding.choosing import tell_right
from auctionhouse.bidding.dutch.told import tell_stop, tell_taking
from auctionhouse.bidding.ledger import moment
from auctionhouse.bidding.replay import Played, play, written
from auctionhouse.bidding.replay_format import ALWAYS, FORMATTED, Story, read_story
from auctionhouse.bidding.rules import Decision, State
from auctionhouse.bidding.sealed.replay import hand_in
from auctionhouse.bidding.sealed.told import tell_opening, tell_sealed
from auctionhouse.bidding.style import Style
from auctionhouse.bidding.telling import Told, tell
from auctionhouse.bidding.terms import CHOICES
from auctionhouse.bidding.ways import share_of
from auctionxchange.kernel.money import Currency, decimal_string, format_amount


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
    ending: Sequence[str] = ()
    """What the end led to, where the steps do not tell it."""


def simulate(line: Mapping[str, Any], locale: str, clock: Callable[[datetime], str]) -> Simulated:
    """Decide and tell a lot; raises a refusal that names the key and says what to do."""
    story = read_story(line, number=1)
    played = play([story])[0]
    style = _style(story, locale, clock)
    words, ending = TELLERS[story.terms.format](played, style)
    steps = [
        _step(story, decision, why, style)
        for decision, why in zip(played.decisions, words, strict=True)
    ]
    result = written(played)
    return Simulated(
        steps=steps,
        result=result,
        price="–" if played.state.price is None else style.money(played.state.price),
        leader=str(played.state.leader or "–"),
        ends_at=style.clock(played.state.ends_at),
        ending=ending,
    )


def _timed(played: Played, style: Style) -> tuple[list[str], list[str]]:
    """Tell each submission, with the state it met."""
    story = played.story
    befores = _befores(story, played.decisions)
    told = [
        tell(Told(story.terms, before, given.who, given.maximum, decision), style)
        for before, given, decision in zip(
            befores, story.submissions, played.decisions, strict=True
        )
    ]
    return told, []


def _choice(played: Played, style: Style) -> tuple[list[str], list[str]]:
    """Tell each submission, and what the winner may choose."""
    return _timed(played, style)[0], tell_right(played.story.terms, played.state, style)


def _sealed(played: Played, style: Style) -> tuple[list[str], list[str]]:
    """Tell each sealed bid, and their opening."""
    story = played.story
    told = [
        tell_sealed(story, given, decision, style)
        for given, decision in zip(story.submissions, played.decisions, strict=True)
    ]
    return told, tell_opening(story, hand_in(story).bids, played.state, style)


def _dutch(played: Played, style: Style) -> tuple[list[str], list[str]]:
    """Tell what each took, and what was left when the clock stopped."""
    story = played.story
    told = [
        tell_taking(story, given, decision, style)
        for given, decision in zip(story.submissions, played.decisions, strict=True)
    ]
    return told, tell_stop(story, played.state, style)


TELLERS: Mapping[str, Callable[[Played, Style], tuple[list[str], list[str]]]] = {
    "timed": _timed,
    "sealed_first": _sealed,
    "sealed_second": _sealed,
    "sealed_pieces": _sealed,
    "dutch": _dutch,
    "choice": _choice,
}
"""By format: what became of each submission, and what the end led to, in words."""


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


def _step(story: Story, decision: Decision, why: str, style: Style) -> Step:
    after = decision.state
    return Step(
        accepted=decision.accepted,
        price="–" if after.price is None else style.money(after.price),
        leader="–" if after.leader is None else str(after.leader),
        asking=style.money(after.asking(story.terms)),
        ends_at=style.clock(after.ends_at),
        why=why,
    )


def settings_of(terms: Mapping[str, Any], unit: Currency) -> dict[str, Any]:
    """Return stored terms as the keys of a replay file's line."""
    return {
        "increments": [
            [decimal_string(start, unit), decimal_string(step, unit)]
            for start, step in terms.get("increments") or []
        ],
        **{name: terms.get(name, CHOICES[name][0]) for name in CHOICES},
        **{name: terms[name] for name in FORMATTED if terms.get(name) is not None},
        **_clock(terms.get("clock"), unit),
        "soft_close": terms.get("soft_close"),
        "conditional_share": share_of(terms, "conditional_share"),
    }


def _clock(stored: Mapping[str, Any] | None, unit: Currency) -> dict[str, Any]:
    """Return a stored clock as a line tells it, nothing where there is none."""
    if not stored:
        return {}
    amounts = {name: decimal_string(stored[name], unit) for name in ("start", "step")}
    return {"clock": {**amounts, "every_s": stored["every_s"]}}
