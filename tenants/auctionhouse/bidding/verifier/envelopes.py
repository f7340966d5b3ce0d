"""Bids under seal: that those opened are those handed in, all of them, each as it was sealed.

A `sealed_bid` commits to an amount under the name `amount` and replaces the bidder's former one;
the list in `bids_opened` has, for each bid that stands, `entry`, `who`, `amount` and the secret its
salt comes from.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from auctionhouse.bidding.ledger import commitment, commitment_salt
from auctionhouse.bidding.verifier.findings import Verdict

ENVELOPES = ("sealed_bid", "sealed_withdrawn", "bids_opened")


class Envelopes:
    """The sealed bids of one lot that stand, by bidder, and the best once they are opened."""

    def __init__(self) -> None:
        self._standing: dict[str, tuple[int, str]] = {}
        self.best: str | None = None

    def take(
        self, sequence: int, kind: str, payload: Mapping[str, Any]
    ) -> Iterator[tuple[Verdict, str]]:
        """Take an entry and say what it proves."""
        if kind == "sealed_bid":
            self._standing[payload["who"]] = (sequence, payload["sealed"])
            yield "proved", "a bid was handed in under seal"
        elif kind == "sealed_withdrawn":
            known = self._standing.pop(payload["who"], None)
            text = "a sealed bid was taken back"
            yield ("proved", text) if known else ("wrong", "there was no such sealed bid")
        else:
            lists = [value for value in payload.values() if isinstance(value, list)]
            if lists:
                yield from self._opened(lists[0])
            else:
                yield "open", "the bids were opened, but not into the ledger"

    def _opened(self, bids: list[Mapping[str, Any]]) -> Iterator[tuple[Verdict, str]]:
        told = {bid["who"]: bid for bid in bids}
        if len(told) != len(bids) or told.keys() != self._standing.keys():
            yield "wrong", "the bids opened are not those that were handed in"
            return
        for who, (sequence, sealed) in self._standing.items():
            bid = told[who]
            salt = commitment_salt(bytes.fromhex(bid["salt"]), "amount")
            if bid["entry"] != sequence or commitment(salt, "amount", bid["amount"]) != sealed:
                yield "wrong", f"the bid opened for {who} is not the one that was sealed"
                return
        ranked = sorted(bids, key=lambda bid: (-bid["amount"], bid["entry"]))
        self.best = ranked[0]["who"] if ranked else None
        yield "proved", f"all {len(bids)} sealed bids were opened, each as it was handed in"

    def winner(self, who: str) -> Iterator[tuple[Verdict, str]]:
        """Say whether the hammer fell for the highest bid, of equal ones the earliest."""
        if self.best == who:
            yield "proved", "it went to the highest bid, of equal ones the earliest"
        elif self._standing:
            yield "wrong", "it did not go to the highest sealed bid"
