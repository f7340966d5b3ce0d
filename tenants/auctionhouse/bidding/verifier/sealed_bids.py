"""Sealed bids: that those opened are those handed in, all of them, and who wins at which price.

`opened`, of `bids_opened`, has of each sealed bid that stands its entry, who, the amount and the
salt that opens the entry's commitment. A reserve that stays closed leaves open whether it was met.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from auctionhouse.bidding.ledger import commitment
from auctionhouse.bidding.sealed.rules import Envelope, Opened, decide_opened
from auctionhouse.bidding.selling import Sealed
from auctionhouse.bidding.verifier.again import UNREACHED
from auctionhouse.bidding.verifier.counted import Counted
from auctionhouse.bidding.verifier.findings import Finding, at_of
from auctionhouse.bidding.verifier.reading import Line
from auctionhouse.bidding.verifier.shapes import is_commitment
from auctionhouse.bidding.verifier.shared_pieces import shared_out

OPENED = "bids_opened"
OF_SEALED = ("sealed_bid", "sealed_withdrawn", "ended", "opening_asked", OPENED)


class SealedBids:
    """The sealed bids of a lot that stand, by bidder, as far as its entries were taken."""

    kinds: tuple[str, ...] = (*OF_SEALED, "bid", "raise", "automatic", "cancellation", "reopened")

    def __init__(self, terms: Sealed) -> None:
        self.terms = terms
        self.standing: dict[str, tuple[int, str, str | None]] = {}
        self.bids: list[Envelope] = []
        self.ended = False
        self.asked: str | None = None
        self.opened = False

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        payload = line.payload
        checks = {
            "sealed_bid": self._handed_in, "sealed_withdrawn": self._withdrawn,
            "ended": self._ended, "opening_asked": self._asked, OPENED: self._opened,
            "cancellation": self._cancelled, "reopened": self._reopened,
        }  # fmt: skip
        if kind not in checks:
            yield lot.wrong("by its terms the lot is sold by sealed bids")
        elif self.opened and kind != "reopened":
            yield lot.wrong("the sealed bids had been opened before")
        else:
            yield from checks[kind](lot, payload)
            yield from self._shown(lot, payload, kind)
        lot.adopt(payload)

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say whether a result may come now; a lot that is withdrawn keeps its bids unread."""
        if not self.opened and kind != "withdrawn":
            yield lot.wrong("there is a result although the sealed bids were not opened")
        elif lot.terms.shared and kind in {"hammer", "unsold"}:
            yield from shared_out(lot, self.bids, payload, kind)

    def _shown(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Check the state beside an entry: nothing of the bids but how many stand."""
        counted = len(self.standing) if self.terms.count or kind == OPENED else None
        if payload["bids"] != counted:
            yield lot.wrong(f"{counted} sealed bids stand, not {payload['bids']}")
        if payload["asking"] != lot.terms.opening:
            yield lot.wrong("the least bid is the opening, as long as bids are sealed")
        if kind not in {OPENED, "reopened"} and not lot.same(payload, "bids"):
            yield lot.wrong("a sealed bid moves neither price nor leader nor the end")
        if kind == OPENED and at_of(payload, "ends_at") != lot.state.ends_at:
            yield lot.wrong("the opening does not move the end")

    def _handed_in(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        who, at = payload["who"], at_of(payload, "at")
        early = at < lot.state.opens_at and not payload.get("in_advance")
        if not is_commitment(payload["maximum"]):
            yield lot.wrong("it commits to no amount")
        if self.ended or lot.paused or early or at >= lot.state.ends_at:
            yield lot.wrong("a sealed bid was taken outside the time for bids")
        elif who in self.standing and self.terms.changes == "never":
            yield lot.wrong("a sealed bid was replaced, which the terms forbid")
        else:
            yield lot.proved("a bid was handed in under seal")
        lot.bidders.add(who)
        self.standing[who] = (lot.sequence, payload["maximum"], payload.get("pieces"))

    def _withdrawn(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        known = self.standing.pop(payload["who"], None)
        if known is None or self.ended:
            yield lot.wrong("there was no sealed bid to take back")
        elif self.terms.changes != "withdraw":
            yield lot.wrong("a sealed bid was taken back, which the terms forbid")
        else:
            yield lot.proved("a sealed bid was taken back")

    def _cancelled(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        gone = set(payload["retracts"])
        known = {bid[0] for bid in self.standing.values()}
        self.standing = {who: bid for who, bid in self.standing.items() if bid[0] not in gone}
        if gone <= known:
            yield lot.proved("the house cancelled a sealed bid, unread")
        else:
            yield lot.wrong("there was no such sealed bid")

    def _reopened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        lot.ended, self.ended, self.asked = "", False, None
        lot.results.put_right("reopened", payload)
        if self.opened and self.standing:
            yield lot.wrong("sealed bids are taken again although the former ones were opened")
        else:
            yield lot.proved("the lot takes sealed bids again")
        self.opened = False

    def _ended(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.ended = True
        if self.terms.opened_by != "staff":
            yield lot.wrong("by its terms the clock opens the bids of this lot")
        elif at_of(payload, "at") < lot.state.ends_at and not lot.paused:
            yield lot.wrong("it was ended before its end")
        else:
            yield lot.proved("the bids wait, still sealed, for two members of staff")

    def _asked(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.asked = payload["by"]
        if self.ended:
            yield lot.proved("the first of two members of staff asked for the opening")
        else:
            yield lot.wrong("the opening was asked for before the end")

    def _opened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.opened = True
        by = payload["by"]
        staff = self.terms.opened_by == "staff"
        if staff != (by is not None) or (staff and (by[0] != self.asked or by[0] == by[1])):
            yield lot.wrong("the bids were not opened by those the terms say")
        if at_of(payload, "at") < lot.state.ends_at and not lot.paused:
            yield lot.wrong("the bids were opened before the end")
        told = {bid["who"]: bid for bid in payload["opened"]}
        if len(told) != len(payload["opened"]) or told.keys() != self.standing.keys():
            yield lot.wrong("the bids opened are not those that were handed in")
            return
        for who, sealed in self.standing.items():
            if _shown_by(told[who]) != sealed:
                yield lot.wrong(f"the bid opened for {who} is not the one that was sealed")
                return
        yield lot.proved(f"all {len(told)} sealed bids were opened, each as it was handed in")
        self.bids = [
            Envelope(bid["entry"], bid["who"], bid["amount"], bid.get("pieces", 1))
            for bid in payload["opened"]
        ]
        if not lot.terms.shared:
            yield from self._led_to(lot, payload, self.bids)

    def _led_to(
        self, lot: Counted, shown: Mapping[str, Any], bids: list[Envelope]
    ) -> Iterator[Finding]:
        """Check price and leader; a reserve that stays closed leaves some of it open."""
        reserve = None if lot.reserve_closed else lot.reserve
        decided = decide_opened(replace(lot.terms, reserve=reserve), bids)
        lot.state = replace(lot.state, maximum=decided.best, second=decided.second)
        if shown["leader"] != decided.leader:
            yield lot.wrong(f"by the rules {decided.leader} leads, not {shown['leader']}")
        elif lot.reserve_closed:
            yield from self._bounded(lot, shown, bids, decided)
        elif (shown["price"], shown["reserve_met"]) == (decided.price, decided.reserve_met):
            yield lot.proved("the best bid leads, of equal ones the earliest, at the right price")
        else:
            yield lot.wrong(f"by the rules the price is {decided.price}, not {shown['price']}")

    def _bounded(
        self, lot: Counted, shown: Mapping[str, Any], bids: list[Envelope], least: Opened
    ) -> Iterator[Finding]:
        """Check what holds whatever the closed reserve is."""
        missed = decide_opened(replace(lot.terms, reserve=UNREACHED), bids)
        price = shown["price"]
        if not shown["reserve_met"] and price == missed.price:
            yield lot.unproved(
                "who leads is proved; that the reserve was missed is as the house says"
            )
        elif shown["reserve_met"] and price == least.price:
            yield lot.unproved("leader and price are proved; that the reserve was met is not")
        elif shown["reserve_met"] and (least.price or 0) < price <= (least.best or 0):
            yield lot.unproved("who leads is proved; the price is said to be the closed reserve")
        else:
            yield lot.wrong("no reserve there may be gives this price")


def _shown_by(bid: Mapping[str, Any]) -> tuple[int, str, str | None]:
    """Return what an opened bid was committed to by, if it is the one that was handed in."""
    amount = commitment(bytes.fromhex(bid["salt"]), "maximum", bid["amount"])
    if "pieces" not in bid:
        return bid["entry"], amount, None
    return (
        bid["entry"],
        amount,
        commitment(bytes.fromhex(bid["pieces_salt"]), "pieces", bid["pieces"]),
    )
