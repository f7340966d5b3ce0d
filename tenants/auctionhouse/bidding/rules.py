"""What a bid does: pure rules over a lot's state and a submission, with no clock and no database.

Amounts are integers in minor units of the sale's currency and times are microseconds since 1970 in
UTC, so that every decision is exact. Web, staff entry, replay and verification all call decide().
Only the standard library is imported: the ledger's verifier is generated from this file.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from auctionhouse.bidding.selling import Choice, Clock, Format, Sealed, in_all, shares_pieces

Reason = Literal[
    "late", "early", "too_low", "no_change", "not_offered", "final", "nothing", "too_many"
]


@dataclass(frozen=True, slots=True)
class SoftClose:
    """A bid within the window before the end moves the end.

    Times in microseconds. The end becomes bid (or old end) + extension, never earlier than it was
    and never later than the scheduled end + cap, where there is a cap. The scope says which other
    lots move along: none, those of the lot's group, all later ones (cascade), or the later ones
    only as far as each must wait for the one before it (predecessor).
    """

    window: int
    extension: int
    counted_from: Literal["bid", "end"] = "bid"
    edge_counts: bool = True
    cap: int | None = None
    scope: Literal["lot", "group", "cascade", "predecessor"] = "lot"


@dataclass(frozen=True, slots=True)
class BuyNow:
    """A price at which the lot is had at once, beside the bidding.

    It is offered before the first bid; where there is a limit, also while the price is below it.
    """

    price: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules one lot is sold by; a price is paid for each of its pieces.

    Where the buyer chooses among them, it is bid for one: so many are bought at least.

    The conditional share is the per cent of a reserve from which on a lot that misses it is sold
    subject to the seller's consent; 0 is never.
    """

    increments: tuple[tuple[int, int], ...]
    opening: int
    bound: Literal["exclusive", "inclusive"] = "exclusive"
    pricing: Literal["to_maximum", "ladder"] = "to_maximum"
    own_raise: Literal["keeps", "tops_up"] = "keeps"
    off_ladder: Literal["accept", "round_down"] = "accept"
    reserve: int | None = None
    below_reserve: Literal["normal", "full_max"] = "normal"
    soft_close: SoftClose | None = None
    buy_now: BuyNow | None = None
    offers: Literal["never", "below_buy_now", "every_lot"] = "never"
    conditional_share: int = 0
    format: Format = "timed"
    pieces: int = 1
    sealed: Sealed | None = None
    clock: Clock | None = None
    choice: Choice | None = None
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(start for start, _step in self.increments))

    @property
    def shared(self) -> bool:
        """Tell whether several buyers may share the lot's pieces."""
        return shares_pieces(self.format, self.pieces)

    def total(self, price: int) -> int:
        """Return what the lot costs in all, before premium, at a price for each piece."""
        return in_all(price, self.pieces)

    def step_at(self, amount: int) -> int:
        """Return the increment that applies at an amount."""
        return self.increments[self._band(amount)][1]

    def on_ladder(self, amount: int, foot: int | None = None) -> int:
        """Return the highest amount of the ladder that is not above an amount.

        The ladder climbs by the increments from its foot, the opening unless another is given;
        the foot itself is returned for anything below it.
        """
        rung = self.opening if foot is None else foot
        while True:
            steps = self._steps_to(rung, amount)
            if steps <= 0:
                return rung
            rung += steps * self.step_at(rung)

    def _band(self, amount: int) -> int:
        find = bisect_right if self.bound == "exclusive" else bisect_left
        return max(find(self._starts, amount) - 1, 0)

    def _steps_to(self, rung: int, amount: int) -> int:
        """Return how many equal steps lead from a rung towards an amount within the rung's band."""
        band = self._band(rung)
        step = self.increments[band][1]
        steps = (amount - rung) // step
        if band + 1 == len(self.increments):
            return steps
        room = self._starts[band + 1] - rung
        inside = room // step + 1 if self.bound == "inclusive" else -(-room // step)
        return min(steps, inside)


@dataclass(frozen=True, slots=True)
class State:
    """Where the bidding on a lot stands; before the first accepted bid there is no price."""

    opens_at: int
    ends_at: int
    scheduled_ends_at: int
    leader: int | str | None = None
    price: int | None = None
    maximum: int | None = None
    second: int | None = None
    reserve_met: bool = False
    bids: int = 0

    def asking(self, terms: Terms) -> int:
        """Return the least amount the next bidder must offer.

        Under seal, and where a clock falls, it is the opening.
        """
        if self.price is None or terms.sealed is not None or terms.clock is not None:
            return terms.opening
        return self.price + terms.step_at(self.price)

    def challenged(
        self, leader: int | str | None, price: int, maximum: int, second: int | None
    ) -> "State":
        """Return the state after a bid; written out, since replace() costs as much as the rest."""
        return State(
            self.opens_at, self.ends_at, self.scheduled_ends_at, leader, price, maximum, second,
            self.reserve_met, self.bids + 1,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a submission: the state after it, and why it was refused if it was.

    The maximum is the one that counted, which is on the ladder where amounts are rounded down; of
    a purchase it is the price.
    """

    state: State
    accepted: bool
    maximum: int
    reason: Reason | None = None
    own_raise: bool = False
    automatic: bool = False
    extended: bool = False
    bought: bool = False


def decide(terms: Terms, state: State, who: int | str, maximum: int, at: int) -> Decision:
    """Decide one submission that arrives when all earlier ones are decided."""
    if at < state.opens_at:
        return Decision(state, accepted=False, maximum=maximum, reason="early")
    if at >= state.ends_at:
        return Decision(state, accepted=False, maximum=maximum, reason="late")
    asking = state.asking(terms)
    if terms.off_ladder == "round_down" and maximum > asking:
        maximum = terms.on_ladder(maximum, asking)
    if who == state.leader:
        return _raise_own(terms, state, maximum)
    if maximum < asking:
        return Decision(state, accepted=False, maximum=maximum, reason="too_low")
    moved = _challenge(terms, state, who, maximum)
    extended = _extended(terms, moved, at)
    return Decision(
        extended,
        accepted=True,
        maximum=maximum,
        automatic=state.leader is not None and moved.leader == state.leader,
        extended=extended.ends_at != state.ends_at,
    )


def _raise_own(terms: Terms, state: State, maximum: int) -> Decision:
    """Let the leader raise the maximum; the end never moves and the price seldom."""
    assert state.maximum is not None
    assert state.price is not None
    if maximum <= state.maximum:
        return Decision(state, accepted=False, maximum=maximum, reason="no_change", own_raise=True)
    price = state.price
    if terms.own_raise == "tops_up" and state.second is not None:
        price = max(price, _second_and_step(terms, state.second, maximum))
    raised = replace(state, maximum=maximum, price=price, bids=state.bids + 1)
    decided = _against_reserve(terms, raised)
    return Decision(decided, accepted=True, maximum=maximum, own_raise=True)


def _challenge(terms: Terms, state: State, who: int | str, maximum: int) -> State:
    """Put a new maximum against the leader's; at a tie the earlier one leads."""
    if state.maximum is None or state.price is None:
        first = replace(state, leader=who, maximum=maximum, price=terms.opening, bids=1)
        return _against_reserve(terms, first)
    leads = maximum > state.maximum
    highest, second = (maximum, state.maximum) if leads else (state.maximum, maximum)
    price = max(state.price, _second_and_step(terms, second, highest))
    if state.second is not None and state.second > second:
        second = state.second
    leader = who if leads else state.leader
    return _against_reserve(terms, state.challenged(leader, price, highest, second))


def _second_and_step(terms: Terms, second: int, highest: int) -> int:
    return _priced(terms, min(second + terms.step_at(second), highest))


def _priced(terms: Terms, amount: int) -> int:
    return terms.on_ladder(amount) if terms.pricing == "ladder" else amount


def _against_reserve(terms: Terms, state: State) -> State:
    """Lift the price to a reserve the leader's maximum reaches, or show a lower one in full."""
    assert state.maximum is not None
    assert state.price is not None
    price = state.price
    if terms.reserve is not None and price < terms.reserve:
        if state.maximum >= terms.reserve:
            price = terms.reserve
        elif terms.below_reserve == "full_max":
            price = max(price, _priced(terms, state.maximum))
    met = terms.reserve is None or price >= terms.reserve
    if price == state.price and met == state.reserve_met:
        return state
    return replace(state, price=price, reserve_met=met)


def _extended(terms: Terms, state: State, at: int) -> State:
    soft = terms.soft_close
    if soft is None:
        return state
    left = state.ends_at - at
    if left > soft.window or (left == soft.window and not soft.edge_counts):
        return state
    end = (at if soft.counted_from == "bid" else state.ends_at) + soft.extension
    if soft.cap is not None:
        end = min(end, state.scheduled_ends_at + soft.cap)
    return replace(state, ends_at=max(end, state.ends_at))


@dataclass(frozen=True, slots=True)
class Closing:
    """When one of several lots ends, and when it would by the plan; in microseconds."""

    ends_at: int
    scheduled_ends_at: int


def spread(soft: SoftClose, lots: Sequence[Closing], moved: int, ends_at: int) -> list[int]:
    """Return the ends of open lots in selling order after one of them moved to a new end.

    No end comes earlier, and none goes beyond its own scheduled end + cap.
    """
    ends = [lot.ends_at for lot in lots]
    shift = ends_at - ends[moved]
    ends[moved] = ends_at
    for place, lot in enumerate(lots):
        if place == moved or soft.scope == "lot" or (place < moved and soft.scope != "group"):
            continue
        end = lot.ends_at + shift
        if soft.scope == "predecessor":
            before = lots[place - 1]
            end = ends[place - 1] + max(lot.scheduled_ends_at - before.scheduled_ends_at, 0)
        if soft.cap is not None:
            end = min(end, lot.scheduled_ends_at + soft.cap)
        ends[place] = max(end, lot.ends_at)
    return ends


def replace_reserve(terms: Terms, state: State, reserve: int | None) -> tuple[Terms, State]:
    """Put another reserve in force; the price moves to it if the leader's maximum reaches it."""
    changed = replace(terms, reserve=reserve)
    if state.maximum is None:
        return changed, replace(state, reserve_met=reserve is None)
    return changed, _against_reserve(changed, state)
