"""Stories of lots, told as JSON and decided by the rules without any house.

A line of a replay file is one lot: its terms and its submissions. Lines that name the same group
close together as their soft close says. docs/replay-format.md is the specification; the command
line and the back office's simulator both run this.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auctionhouse.bidding.buying import buy, result
from auctionhouse.bidding.dutch.replay import run_clock
from auctionhouse.bidding.replay_format import Story, read_story, write_time
from auctionhouse.bidding.replay_submissions import Submission
from auctionhouse.bidding.rules import Closing, Decision, State, decide, spread
from auctionhouse.bidding.sealed.replay import hand_in
from auctionhouse.bidding.sealed.rules import decide_opened, ranked
from auctionhouse.bidding.selling import Award
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import decimal_string
from auctionxchange.kernel.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Played:
    """A story with what became of each submission, in the order they stand in the story."""

    story: Story
    decisions: Sequence[Decision]
    state: State
    more: Mapping[str, Any] = field(default_factory=dict)
    """What a format tells beside price and leader, as it is written."""


@dataclass(frozen=True, slots=True)
class Line:
    """What came out of one line of a file: a result, or what is wrong with the line."""

    number: int
    result: Mapping[str, Any] | None
    problem: str | None = None


def play(stories: Sequence[Story]) -> list[Played]:
    """Decide the submissions of lots that close together, each in its format."""
    timed = [story for story in stories if story.terms.format in IN_STEPS]
    played = iter(play_timed(timed))
    return [
        _with_choice(next(played))
        if story.terms.format in IN_STEPS
        else PLAYERS[story.terms.format](story)
        for story in stories
    ]


def _with_choice(played: Played) -> Played:
    """Tell who has won the right to choose among the pieces, and for how much each."""
    choice, state = played.story.terms.choice, played.state
    if choice is None:
        return played
    won = state.leader is not None and state.price is not None and state.reserve_met
    right = {
        "who": state.leader,
        "each": decimal_string(state.price or 0, played.story.currency),
        "at_least": 1,
        "at_most": choice.pieces,
        "hours": choice.lasts // HOUR,
    }
    return replace(played, more={"right": right if won else None})


def play_sealed(story: Story) -> Played:
    """Hand in the bids of a story under seal and open them at its end."""
    handed_in = hand_in(story)
    opened = decide_opened(story.terms, handed_in.bids)
    state = replace(
        story.start, leader=opened.leader, price=opened.price, maximum=opened.best,
        reserve_met=opened.reserve_met, bids=len(handed_in.bids),
    )  # fmt: skip
    told = [
        {
            "who": bid.who,
            "amount": decimal_string(bid.amount, story.currency),
            **({"pieces": bid.pieces} if story.terms.shared else {}),
        }
        for bid in ranked(handed_in.bids)
    ]
    more: dict[str, Any] = {"opened": told}
    if story.terms.shared:
        more["awards"] = shares_of(story, opened.awards)
    return Played(story, handed_in.decisions, state, more)


def shares_of(story: Story, awards: Sequence[Award]) -> list[dict[str, Any]]:
    """Write who has how many pieces of a shared lot, and at which price each."""
    return [
        {
            "who": award.who,
            "pieces": award.pieces,
            "price": decimal_string(award.price, story.currency),
        }
        for award in awards
    ]


def play_dutch(story: Story) -> Played:
    """Let a clock fall and those of a story take at it."""
    decisions, state, awards = run_clock(story)
    more = {"awards": shares_of(story, awards)} if story.terms.shared else {}
    return Played(story, decisions, state, more)


IN_STEPS = ("timed", "choice")
HOUR = 3_600_000_000
"""Microseconds."""

PLAYERS: Mapping[str, Callable[[Story], Played]] = {
    "sealed_first": play_sealed,
    "sealed_second": play_sealed,
    "sealed_pieces": play_sealed,
    "dutch": play_dutch,
}
"""By format; timed lots may close together and are played together."""


def play_timed(stories: Sequence[Story]) -> list[Played]:
    """Decide the submissions of timed lots, by time and then as they were told."""
    states = [story.start for story in stories]
    decided: list[dict[int, Decision]] = [{} for _story in stories]
    for place, index, submission in _arrivals(stories):
        story, before = stories[place], states[place]
        decision = _decided(story, before, submission)
        decided[place][index] = decision
        states[place] = decision.state
        if decision.extended:
            _move_others(stories, states, place, before.ends_at, submission.at)
    return [
        Played(story, [decisions[index] for index in range(len(story.submissions))], state)
        for story, decisions, state in zip(stories, decided, states, strict=True)
    ]


def _decided(story: Story, before: State, submission: Submission) -> Decision:
    who, at = submission.who, submission.at
    if submission.buys:
        return buy(story.terms, before, who, at)
    return decide(story.terms, before, who, submission.maximum, at)


def _arrivals(stories: Sequence[Story]) -> list[tuple[int, int, Submission]]:
    arrivals = [
        (place, index, submission)
        for place, story in enumerate(stories)
        for index, submission in enumerate(story.submissions)
    ]
    return sorted(arrivals, key=lambda arrival: arrival[2].at)


def _move_others(
    stories: Sequence[Story], states: list[State], moved: int, ended: int, at: int
) -> None:
    """Move the ends of the lots that still run and close together with one that was extended."""
    soft = stories[moved].terms.soft_close
    if soft is None or soft.scope == "lot":
        return
    running = [place for place, state in enumerate(states) if state.ends_at > at]
    closings = [
        Closing(ended if place == moved else states[place].ends_at, states[place].scheduled_ends_at)
        for place in running
    ]
    ends = spread(soft, closings, running.index(moved), states[moved].ends_at)
    for place, end in zip(running, ends, strict=True):
        states[place] = replace(states[place], ends_at=end)


def replay_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """Decide one lot told as JSON; raises a refusal that names the key and says what to do."""
    return written(play([read_story(line, number=1)])[0])


def written(played: Played) -> dict[str, Any]:
    """Write what became of a lot as JSON."""
    story, state = played.story, played.state
    told = {
        "lot": story.lot,
        "price": _amount(story, state.price),
        **_in_all(story, state),
        "leader": state.leader,
        "reserve_met": state.reserve_met,
        "ends_at": write_time(state.ends_at, story.clock),
        **played.more,
    }
    if story.ends_otherwise:
        told["outcome"] = result(story.terms, state)
    return {**told, "steps": [_step(story, decision) for decision in played.decisions]}


def _step(story: Story, decision: Decision) -> dict[str, Any]:
    state = decision.state
    step = {
        "accepted": decision.accepted,
        "reason": decision.reason,
        "price": _amount(story, state.price),
        "leader": state.leader,
        "asking": _amount(story, state.asking(story.terms)),
        "ends_at": write_time(state.ends_at, story.clock),
    }
    return {**step, "bought": decision.bought} if story.terms.buy_now else step


def _amount(story: Story, value: int | None) -> str | None:
    return None if value is None else decimal_string(value, story.currency)


def _in_all(story: Story, state: State) -> dict[str, str | None]:
    """Tell what all pieces come to, where there are several."""
    if story.terms.pieces == 1 or story.terms.shared:
        return {}
    price = state.price
    return {"total": _amount(story, None if price is None else story.terms.total(price))}


def replay_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    """Decide a file's lots; a bad line says what is wrong and the rest goes on."""
    read = [_read(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    groups: dict[tuple[str, str], list[int]] = {}
    for index, found in enumerate(read):
        if isinstance(found, Story):
            alone = ("line", str(index))
            groups.setdefault(alone if found.group is None else ("group", found.group), []).append(
                index
            )
    results: dict[int, Played] = {}
    for members in groups.values():
        stories = [
            found for found in (read[index] for index in members) if isinstance(found, Story)
        ]
        results.update(zip(members, play(stories), strict=True))
    for index, found in enumerate(read):
        if isinstance(found, Line):
            yield found
        else:
            yield Line(found.number, written(results[index]))


def _read(number: int, line: bytes) -> Story | Line:
    try:
        told = json.loads(line.decode("utf-8-sig"), parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Line(number, None, _("This is not JSON text in UTF-8; write one object a line."))
    if not isinstance(told, dict):
        return Line(number, None, _("Write one JSON object a line, in braces."))
    try:
        return read_story(told, number)
    except DomainError as refusal:
        return Line(number, None, refusal.message())


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no number")
