"""What becomes of a lot, checked: hammer, purchase, agreement, consent of the seller, after-sale.

A lot is sold once at most until a sale is cancelled, corrected or the lot reopened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from auctionhouse.bidding.buying import buy, conditional_from, sold_to
from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.selling import choice_fault
from auctionhouse.bidding.verifier.findings import Said, at_of

RESULTS = (
    "hammer", "unsold", "withdrawn", "conditional", "choosing", "chosen", "purchase", "agreement",
    "after_sale", "sale_cancelled",
)  # fmt: skip


class Standing(Protocol):
    """What of a lot is looked at: its terms, its state, and what is known of its bidders."""

    terms: Terms
    state: State
    asking: int
    reserve: int | None
    reserve_closed: bool
    ended: str
    paused: bool
    bidders: set[str]
    house: set[str]


@dataclass(frozen=True, slots=True)
class Offered:
    """A price that stands until a time, as an entry tells it."""

    who: str | None
    price: int
    until: int


class Results:
    """Whether a lot is sold, waits for its seller, or is offered after the sale."""

    def __init__(self) -> None:
        self.sold = False
        self.pending: Offered | None = None
        self.offered: Offered | None = None

    def take(self, lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Take an entry that says what becomes of a lot, and say what it proves."""
        if kind == "sale_cancelled":
            yield from self._cancelled(payload, lot)
        elif kind == "after_sale":
            yield from self._after_sale(lot, payload)
        elif self.sold:
            yield "wrong", "the lot had been sold before"
        elif kind in {"purchase", "agreement"}:
            yield from self._bought(lot, kind, payload)
        elif kind == "chosen":
            yield from self._chosen(lot, payload)
        elif self.pending is not None and lot.terms.choice is None and kind in {"hammer", "unsold"}:
            yield from self._decided(self.pending, kind, payload)
        elif lot.ended:
            yield "wrong", f"the lot had ended before ({lot.ended})"
        elif kind == "withdrawn":
            yield "proved", "the house withdrew the lot"
        else:
            yield from _closed(lot, kind, payload)
        self._remember(kind, payload)

    def _remember(self, kind: str, payload: Mapping[str, Any]) -> None:
        if kind in {"hammer", "chosen", "purchase", "agreement"}:
            self.sold, self.pending, self.offered = True, None, None
        elif kind in {"conditional", "choosing"}:
            self.pending = Offered(payload["who"], payload["price"], at_of(payload, "until"))
        elif kind == "unsold":
            self.pending = None
        elif kind == "after_sale":
            ended = payload["price"] is None
            self.offered = (
                None if ended else Offered(None, payload["price"], at_of(payload, "until"))
            )

    def put_right(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Begin anew with an act that overrules what became of the lot before."""
        if kind in {"correction", "reopened"}:
            self.sold = kind == "correction" and payload.get("who") is not None
            self.pending = self.offered = None

    def _decided(self, pending: Offered, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check what the seller decided of a lot sold subject to consent."""
        decision, late = payload["decision"], at_of(payload, "at") >= pending.until
        accepted = decision == "accepted"
        if accepted != (kind == "hammer") or late != (decision == "lapsed"):
            yield "wrong", "the result is not what was decided, or not within its time"
        elif payload["price"] != pending.price or (accepted and payload["who"] != pending.who):
            yield "wrong", f"{pending.who} had been told to have it for {pending.price}"
        else:
            yield "proved", "it ends as the entry says that waited for the seller"

    def _chosen(self, lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check what the winner chose, or was given once the time had passed."""
        pending, choice, numbers = self.pending, lot.terms.choice, payload["chosen"]
        if pending is None or choice is None:
            yield "wrong", "nobody had won the right to choose"
            return
        late = at_of(payload, "at") >= pending.until
        if (payload["who"], payload["price"]) != (pending.who, pending.price):
            yield "wrong", f"{pending.who} had won the right to choose, at {pending.price}"
        elif not all(type(one) is int for one in numbers) or choice_fault(choice, numbers):
            yield "wrong", "what was chosen is not one piece at least, each once and of the lot"
        elif payload["by"] not in {"buyer", "house", "clock"}:
            yield "wrong", "who chose is not told"
        elif late != (payload["by"] == "clock") or (late and numbers != [1]):
            yield "wrong", "the winner chooses in its time; after it the first piece is theirs"
        else:
            yield "proved", f"the winner bought {len(numbers)} of {choice.pieces} pieces"

    def _bought(self, lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check who took a lot, at once or by agreement, while it ran or after it was unsold."""
        at = at_of(payload, "at")
        if self.pending is not None:
            yield "wrong", "the seller had not decided yet"
        elif lot.ended and lot.ended != "unsold":
            yield "wrong", f"the lot had ended before ({lot.ended})"
        elif lot.paused and not lot.ended:
            yield "wrong", "it was sold while the sale was paused"
        else:
            terms = replace(lot.terms, reserve=lot.reserve)
            after = sold_to(terms, lot.state, payload["who"], payload["price"], at)
            if not _shows(payload, after, lot):
                yield "wrong", "the state after it is not that of a lot that went to its buyer"
            elif kind == "purchase":
                yield from self._price(lot, payload, at)
            else:
                yield from _agreed(lot, payload)

    def _price(self, lot: Standing, payload: Mapping[str, Any], at: int) -> Iterator[Said]:
        """Check that a purchase was at the price everybody was offered, in its time."""
        if lot.ended:
            offered = self.offered
            fits = offered is not None and payload["price"] == offered.price and at < offered.until
        else:
            decision = buy(lot.terms, lot.state, payload["who"], at)
            fits = decision.accepted and payload["price"] == decision.maximum
        if fits:
            yield "proved", "it was offered to everybody at this price, and is sold"
        else:
            yield "wrong", "it was not offered at this price at this time"

    def _after_sale(self, lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
        if self.sold or self.pending is not None or lot.ended != "unsold":
            yield "wrong", "only a lot that was not sold is offered after the sale"
        elif payload["price"] is None:
            yield "proved", "the lot is no longer offered after the sale"
        elif payload["price"] <= 0 or at_of(payload, "until") <= at_of(payload, "at"):
            yield "wrong", "no price, or a time that had passed"
        else:
            yield "proved", "the unsold lot is offered to everybody at this price"

    def _cancelled(self, payload: Mapping[str, Any], lot: Standing) -> Iterator[Said]:
        state = lot.state
        if not self.sold or (payload["who"], payload["price"]) != (state.leader, state.price):
            yield "wrong", "there was no such sale to cancel"
        else:
            yield "open", "the sale was cancelled; the reason is the house's to tell"
        self.sold = False


def _closed(lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
    """Check what a lot's end made of it."""
    state = lot.state
    early = at_of(payload, "at") < state.ends_at
    fell = state.leader is not None and state.reserve_met
    choice = lot.terms.choice
    if payload["price"] != state.price:
        yield "wrong", f"the price was {state.price}, not {payload['price']}"
    elif kind != "unsold" and payload["who"] != state.leader:
        yield "wrong", f"{state.leader} led, not {payload['who']}"
    elif early and not lot.paused:
        yield "wrong", "it was closed before its end"
    elif kind == "conditional" and at_of(payload, "until") <= at_of(payload, "at"):
        yield "wrong", "the seller was given no time to decide"
    elif (choice is None and kind == "choosing") or (choice is not None and kind == "hammer"):
        yield "wrong", "the winner chooses among pieces exactly where the terms say so"
    elif choice is not None and kind == "conditional":
        yield "wrong", "by its terms the lot is not sold subject to consent"
    elif kind == "choosing" and at_of(payload, "until") != at_of(payload, "at") + (
        0 if choice is None else choice.lasts
    ):
        yield "wrong", "the winner was given another time to choose than the terms say"
    elif fell != (kind in {"hammer", "choosing"}):
        yield "wrong", "whether it is sold does not follow from leader and reserve"
    else:
        yield from _near(lot, kind)


def _near(lot: Standing, kind: str) -> Iterator[Said]:
    """Check whether a lot that missed its reserve came near enough for the seller to be asked."""
    state, share = lot.state, lot.terms.conditional_share
    asked = bool(share) and state.leader is not None and state.leader not in lot.house
    if kind in {"hammer", "choosing"} or not asked:
        if kind == "conditional":
            yield "wrong", "by its terms the lot is not sold subject to consent"
        else:
            yield "proved", "the end had come; price and winner follow from the last bid"
    elif lot.reserve is None:
        yield "open", "how near the price came to the reserve is not told; the end had come"
    elif (kind == "conditional") == (
        (state.price or 0) >= conditional_from(lot.terms, lot.reserve)
    ):
        yield "proved", "the end had come, and the seller is asked exactly where the terms say so"
    else:
        yield "wrong", "the terms say otherwise whether the seller is asked"


def _agreed(lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
    """Check that an agreement could be made; its price is between two."""
    if lot.ended and payload["who"] not in lot.bidders:
        yield "wrong", "after the sale it is offered to those who bid, and the buyer did not"
    elif not lot.ended and (lot.terms.offers == "never" or lot.state.price is not None):
        yield "wrong", "by its terms the lot took no offers"
    else:
        yield "proved", "the lot was free to be sold to its buyer"
        yield "open", "the price was agreed between the house and the buyer"


def _shows(payload: Mapping[str, Any], after: State, lot: Standing) -> bool:
    """Tell whether an entry shows a state; a closed reserve may be met or not."""
    shown = (payload["price"], payload["leader"], payload["asking"], payload["bids"])
    expected = (after.price, after.leader, after.asking(lot.terms), after.bids)
    met = lot.reserve_closed or payload["reserve_met"] == after.reserve_met
    return shown == expected and met and at_of(payload, "ends_at") == after.ends_at
