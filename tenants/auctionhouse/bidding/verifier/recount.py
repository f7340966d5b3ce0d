"""Deciding a lot's bids again from what is public, entry by entry.

A maximum that stays closed is replaced by one that nobody reaches: where the published result is
the same, the ceiling moved nothing and the result is proved; where it is not, only its bounds
are. The reserve is treated likewise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.rules import Decision, State, decide
from auctionhouse.bidding.verifier.again import CLOSED, UNREACHED, Story
from auctionhouse.bidding.verifier.ends import MOVES_THE_END, Ends
from auctionhouse.bidding.verifier.findings import Finding, at_of
from auctionhouse.bidding.verifier.otherwise import NOT_OF_TIMED, Checker, checker_of
from auctionhouse.bidding.verifier.reading import Line, read_terms
from auctionhouse.bidding.verifier.results import RESULTS
from auctionhouse.bidding.verifier.shapes import (
    is_commitment,
    is_name,
    opening_problems,
    terms_problems,
)

TAKES_BACK = ("retraction", "cancellation", "reopened")
BIDDING = ("bid", "raise", "automatic", "extended")
NONSENSE = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, AssertionError, ArithmeticError,
    RecursionError,
)  # fmt: skip
"""What taking an entry of another shape raises."""


def recount(lines: list[Line], lot: "Recount | None" = None) -> Iterator[Finding]:
    """Go through a lot's entries and say what each proves; the lot given stands there after."""
    lot = lot or Recount()
    for line in lines:
        try:
            yield from lot.take(line)
        except NONSENSE:
            yield lot.wrong("it lacks what an entry of its kind tells, or tells nonsense")
    if lot.expects:
        yield lot.wrong(f"what a bid leads to is missing after it ({lot.expects[0]})")


class Recount(Ends):
    """A lot whose entries are taken one after the other; what they prove is said as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.maximum_known = True
        self.second_known = True
        self.other: Checker | None = None
        self.story = Story()
        self.expects: list[str] = []

    def take(self, line: Line) -> Iterator[Finding]:
        """Take the next entry."""
        self.sequence += 1
        payload = line.payload
        kind = str(payload["kind"])
        yield from self._placed(payload, kind)
        yield from self._openings(line)
        if self.ended and kind in BIDDING:
            yield self.wrong(f"the lot had ended before ({self.ended})")
        yield from self._taken(line, kind)
        if self.other is None and "asking" in payload:
            yield from self._asking(payload)
        if type(payload.get("reserve_met", False)) is not bool:
            yield self.wrong("whether the reserve is met is not told")

    def _taken(self, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry as its kind wants it."""
        payload = line.payload
        if self.other is not None and kind in self.other.kinds:
            yield from self.other.take(self, line, kind)
        elif kind in NOT_OF_TIMED:
            yield self.wrong("by its terms the lot is not sold this way")
        elif kind in {"bid", "raise"}:
            yield from self._submission(line, kind)
        elif kind in RESULTS:
            yield from self._result(payload, kind)
        elif kind in MOVES_THE_END:
            yield from self.moved_end(payload, kind)
        elif kind == "automatic":
            yield from self._automatic(payload)
        elif kind in {"opened", "terms_changed"}:
            yield from self._terms(line, kind)
        elif kind in TAKES_BACK:
            yield from self._taken_back(payload, kind)
        else:
            yield from self._told(payload, kind)

    def _placed(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Check that an entry stands where one of its kind can."""
        if (kind == "opened") != (self.sequence == 1):
            yield self.wrong("a ledger begins with the lot's opening, which comes once")
        answers = kind == "automatic" or (kind == "extended" and "by" not in payload)
        expected = self.expects.pop(0) if self.expects else None
        if expected is not None and (not answers or kind != expected):
            yield self.wrong(f"what the bid led to is missing before it ({expected})")
            self.expects = []
        elif answers and expected is None:
            yield self.wrong("no bid before it led to this")

    def _asking(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        if payload["asking"] != replace(self.state, price=payload["price"]).asking(self.terms):
            yield self.wrong("the next asking price is not one step above the price")

    def _openings(self, line: Line) -> Iterator[Finding]:
        for name, opening in line.openings.items():
            if not opening.fits(name, line.payload.get(name)):
                yield self.wrong(f"the {name} shown now is not the one that was committed to")
            elif name == "marks" and opening.value.get("house"):
                self.house.add(line.payload["who"])
                yield self.proved("it was a bid of the house for the seller, as now shown")

    # Opening and terms

    def _terms(self, line: Line, kind: str) -> Iterator[Finding]:
        payload = line.payload
        problems = list(terms_problems(payload["terms"]))
        if problems:
            yield self.wrong(f"nothing can be sold by these terms: {problems[0]}")
        else:
            self.terms = read_terms(payload["terms"])
        committed = payload["reserve"] is not None
        if committed and not is_commitment(payload["reserve"]):
            yield self.wrong("it commits to no reserve")
        self.reserve = line.opened("reserve")
        self.reserve_closed = committed and self.reserve is None
        if kind == "opened":
            yield from map(self.wrong, opening_problems(payload))
            start, end = at_of(payload, "starts_at"), at_of(payload, "ends_at")
            self.state = State(start, end, end, reserve_met=not committed)
            self.asking = self.terms.opening
            self.outage_rule = payload["outage"]
            self.other = checker_of(self)
            self.story = Story(self.reserve, self.reserve_closed)
            yield self.proved("the terms are fixed from here on")
            return
        before = self.state
        self.story.reserve_changed(self.sequence, self.reserve, closed=self.reserve_closed)
        self.adopt(payload)
        if not self.reserve_closed and payload["reserve_met"] != self._reached():
            yield self.wrong("whether the reserve is met is told wrongly")
        if before.price == self.state.price and before.leader == self.state.leader:
            yield self.proved("the terms changed; price and leader did not")
        else:
            yield from self._lowered(before)

    def _reached(self) -> bool:
        return self.reserve is None or (self.state.price or 0) >= self.reserve

    def _lowered(self, before: State) -> Iterator[Finding]:
        """Check a price that moved because the reserve was lowered to what was offered."""
        price = self.state.price or 0
        if before.leader != self.state.leader or price < (before.price or 0):
            yield self.wrong("a change of the reserve took the lead or lowered the price")
        elif self.reserve is not None and price == self.reserve:
            yield self.proved("the price went to the lowered reserve")
        elif self.reserve is not None and self.terms.below_reserve == "normal":
            yield self.wrong("the price is not the lowered reserve")
        elif not self.reserve_closed and self.reserve is None:
            yield self.wrong("without a reserve nothing moves the price but bids")
        else:
            yield self.unproved("the price is said to have gone to a reserve that stays closed")

    # Bids

    def _submission(self, line: Line, kind: str) -> Iterator[Finding]:
        payload = line.payload
        who, maximum = payload["who"], line.opened("maximum")
        if self.state.reserve_met and not payload["reserve_met"]:
            yield self.wrong("the reserve had been met before")
        if self.paused:
            yield self.wrong("a bid was taken while the sale was paused")
        if not is_commitment(payload["maximum"]) or not is_name(who):
            yield self.wrong("it commits to no maximum, or is nobody's")
        if (kind == "raise") != (who == self.state.leader):
            yield self.wrong("a raise is the leader's own, and the leader's own is no bid")
        if maximum is None and kind == "bid" and payload["leader"] != who:
            # Who did not get the lead is shown with all they offered.
            maximum = payload["amount"]
            self.story.rounded |= self.terms.off_ladder == "round_down"
        self.bidders.add(who)
        self.story.submitted(self.sequence, who, maximum)
        decision = self._decided(who, maximum, payload)
        yield from self._compared(payload, maximum, decision)
        yield from self._amount(payload, kind, decision)
        moved = at_of(payload, "ends_at") != self.state.ends_at
        self.expects = ["automatic"] if decision and decision.automatic else []
        self.expects += ["extended"] if moved else []
        self._learn(payload, who, maximum, decision)

    def _decided(
        self, who: str, maximum: int | None, payload: Mapping[str, Any]
    ) -> Decision | None:
        """Decide by the rules with stand-ins for what is closed; None where that tells nothing."""
        state = self.state
        overtaken = state.leader is not None and payload["leader"] == who != state.leader
        tops_up = payload["kind"] == "raise" and self.terms.own_raise == "tops_up"
        if tops_up and not self.second_known:
            return None
        if not self.maximum_known:
            if overtaken:
                return None
            stands = state.price if who == state.leader else CLOSED
            state = replace(state, maximum=stands)
        reserve = self._reserve_for(payload, known=self.maximum_known and maximum is not None)
        terms = replace(self.terms, reserve=reserve)
        bid = CLOSED if maximum is None else maximum
        return decide(terms, state, who, bid, self._came(payload))

    def _came(self, payload: Mapping[str, Any]) -> int:
        """Return when a bid counts as handed in."""
        at = at_of(payload, "at")
        return max(at, self.state.opens_at) if payload.get("in_advance") else at

    def _reserve_for(self, payload: Mapping[str, Any], *, known: bool) -> int | None:
        if self.reserve is not None and (known or payload["reserve_met"]):
            return self.reserve
        if self.reserve is None and not self.reserve_closed:
            return None
        return None if payload["reserve_met"] else UNREACHED

    def _compared(
        self, payload: Mapping[str, Any], maximum: int | None, decision: Decision | None
    ) -> Iterator[Finding]:
        if decision is None:
            yield from self._in_time(payload)
            yield from self._bounded(payload, maximum, CLOSED)
            return
        if not decision.accepted:
            yield self.wrong(f"by the rules this bid had to be refused ({decision.reason})")
            return
        expected, shown = decision.state, payload
        yield from self._end_of_bid(shown, expected)
        if shown["leader"] != expected.leader:
            yield self.wrong(f"by the rules {expected.leader} leads, not {shown['leader']}")
        if shown["bids"] != expected.bids:
            yield self.wrong(f"it is bid {expected.bids}, not {shown['bids']}")
        if shown["price"] == expected.price:
            yield from self._met(shown, expected)
        else:
            yield from self._other_price(shown, maximum, expected)

    def _in_time(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        """Check when a bid came, and the end after it, where its price cannot be decided."""
        state = self.state
        lot = State(state.opens_at, state.ends_at, state.scheduled_ends_at)
        fresh = decide(self.terms, lot, payload["who"], CLOSED, self._came(payload))
        if not fresh.accepted:
            yield self.wrong(f"by the rules this bid had to be refused ({fresh.reason})")
        yield from self._end_of_bid(payload, lot if payload["kind"] == "raise" else fresh.state)

    def _end_of_bid(self, shown: Mapping[str, Any], expected: State) -> Iterator[Finding]:
        if at_of(shown, "ends_at") != expected.ends_at:
            yield self.wrong("the end after it is not the one the soft close gives")

    def _met(self, shown: Mapping[str, Any], expected: State) -> Iterator[Finding]:
        if shown["reserve_met"] == expected.reserve_met:
            yield self.proved("price, leader and end are what the rules give")
        elif self.reserve_closed and not self.state.reserve_met:
            yield self.unproved("price and leader are proved; whether the reserve is met is not")
        else:
            yield self.wrong("whether the reserve is met is told wrongly")

    def _other_price(
        self, shown: Mapping[str, Any], maximum: int | None, expected: State
    ) -> Iterator[Finding]:
        price, by_rule = shown["price"], expected.price or 0
        reserve_reached = shown["reserve_met"] and not self.state.reserve_met
        if self.reserve_closed and reserve_reached and price > by_rule:
            yield self.unproved("the price is said to be the reserve, which stays closed")
        elif self.maximum_known and maximum is not None:
            yield self.wrong(f"the rules give the price {by_rule}, not {price}")
        else:
            yield from self._bounded(shown, maximum, by_rule)

    def _bounded(
        self, shown: Mapping[str, Any], maximum: int | None, highest: int
    ) -> Iterator[Finding]:
        """Say what holds of a price that depends on a maximum that is closed."""
        lowest = self.terms.opening if self.state.price is None else self.state.price
        if maximum is not None and shown["leader"] == shown["who"]:
            highest = min(highest, maximum)
        if not lowest <= shown["price"] <= highest:
            yield self.wrong(f"the price must lie from {lowest} to {highest}")
        elif shown["bids"] != self.state.bids + 1:
            yield self.wrong(f"it is bid {self.state.bids + 1}, not {shown['bids']}")
        else:
            yield self.unproved("the price depends on a maximum that is closed; its bounds hold")

    def _amount(
        self, payload: Mapping[str, Any], kind: str, decision: Decision | None
    ) -> Iterator[Finding]:
        if kind != "bid":
            return
        leads = payload["leader"] == payload["who"]
        counted = None if decision is None else decision.maximum
        if payload["amount"] != (payload["price"] if leads else counted):
            yield self.wrong("the amount shown for the bidder is not what the rules show")

    def _learn(
        self, payload: Mapping[str, Any], who: str, maximum: int | None, decision: Decision | None
    ) -> None:
        """Go on from what is published, knowing what can be known of the leader's maximum."""
        self.adopt(payload)
        took = payload["leader"] == who
        if took:
            self.maximum_known = maximum is not None
            counted = CLOSED if decision is None or maximum is None else decision.maximum
            self.state = replace(self.state, maximum=counted)
        self.second_known = decision is not None and decision.accepted
        if decision is not None:
            self.state = replace(self.state, second=decision.state.second)

    def _automatic(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        if payload["who"] != self.state.leader:
            yield self.wrong("no earlier maximum had to answer here")
        elif self.same(payload) and payload["amount"] == self.state.price:
            yield self.proved("the leader's earlier maximum answered the bid before")
        else:
            yield self.wrong("it shows another state than the bid it answers")

    # Endings

    def _result(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        if self.other is not None and not self.ended:
            yield from self.other.ending(self, payload, kind)
        for verdict, text in self.results.take(self, kind, payload):
            yield Finding(self.sequence, verdict, text)
        if "leader" in payload:
            self.adopt(payload)
            self.state = replace(self.state, maximum=payload["price"])
            self.maximum_known = True
        if kind not in {"after_sale", "sale_cancelled"}:
            self.ended = kind
        elif kind == "sale_cancelled":
            self.ended = "unsold"

    def _taken_back(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Decide again without what no longer counts."""
        fault = self.story.fault(kind, payload)
        if fault is not None:
            yield self.wrong(fault)
        self.story.take_back(self.sequence, payload)
        if payload.get("lapsed"):
            yield self.unproved("that bids lapse beside it is told by the house alone")
        reserve = self._reserve_for(payload, known=False)
        found = self.story.again(self.terms, self.state, payload["leader"], reserve)
        again, known = found or (None, False)
        names = ("price", "leader", "bids", "reserve_met")
        shown = tuple(payload[name] for name in names)
        ends = at_of(payload, "ends_at") - self.state.ends_at
        self.adopt(payload)
        self.results.put_right(kind, payload)
        self.ended = ""
        if ends < 0 or (ends and kind != "reopened"):
            yield self.wrong("taking bids back does not move the end")
        if kind == "reopened":
            self.state = replace(self.state, scheduled_ends_at=self.state.ends_at)
        if payload["leader"] is not None and payload["leader"] not in self.bidders:
            yield self.wrong("who leads after it has never bid")
        if again is not None and shown == tuple(getattr(again, name) for name in names):
            maximum = again.maximum or 0
            self.maximum_known, self.second_known = maximum < CLOSED, True
            self.state = replace(self.state, maximum=again.maximum, second=again.second)
            yield self.proved("what remains, decided again, gives this price and leader")
        elif again is not None and known:
            yield self.wrong("what remains, decided again, gives another price or leader")
        else:
            self.maximum_known = self.second_known = payload["leader"] is None
            yield self.unproved("the price after it depends on maxima or a reserve that are closed")

    def _told(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Take an act that the rules do not give; what the house writes of it is taken over."""
        if "leader" not in payload:
            yield self.proved(f"an act of the house that moves no price ({kind})")
            return
        if kind != "correction" and self.same(payload):
            yield self.proved(f"an act of the house after which the lot stands as before ({kind})")
            return
        self.adopt(payload)
        self.results.put_right(kind, payload)
        self.ended = "unsold" if kind == "correction" and payload.get("who") is None else ""
        self.maximum_known = self.second_known = payload["leader"] is None
        yield self.unproved(f"an act of the house ({kind}); what follows is as the house says")
