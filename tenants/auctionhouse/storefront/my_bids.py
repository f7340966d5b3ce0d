"""A bidder's lots in four groups, and what they come to; amounts in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auctionhouse.bidding.selling import in_all
from auctionhouse.storefront.cards import LotCard, card_of
from auctionhouse.storefront.queries import MyLot
from auctionhouse.storefront.rules import my_state, phase_of, takes_bids

GROUPS = ("outbid", "leading", "sealed", "choosing", "conditional", "won", "lost")
"""In the order they are shown: what asks for something first."""

MY_BIDS = "/me/bids"


@dataclass(frozen=True, slots=True)
class Line:
    """A lot somebody has bid on, as their page shows it."""

    bid: MyLot
    card: LotCard
    mine: str | None

    @property
    def group(self) -> str:
        """Return the group it stands in; a withdrawn lot is nobody's."""
        return self.mine or "lost"

    @property
    def takes_bids(self) -> bool:
        """Tell whether it can be bid on now."""
        return takes_bids(self.card.phase)

    @property
    def price(self) -> int:
        """Return what it stands at, or was sold for, in all."""
        if self.bid.shares:
            return sum(share.total for share in self.bid.shares)
        if self.card.shared:
            return in_all(self.card.price or self.card.opening, self.bid.bid.pieces)
        return self.card.total

    @property
    def at_most(self) -> int:
        """Return what it would cost in all by the bidder's maximum."""
        pieces = self.bid.bid.pieces if self.card.shared else self.card.pieces
        return max(in_all(self.bid.bid.maximum, pieces), self.price)


@dataclass(frozen=True, slots=True)
class Total:
    """What the lots of a group come to in one currency, and at most by one's own maxima."""

    currency: str
    lots: int
    price: int
    at_most: int


def lines_of(bids: Sequence[MyLot], now: datetime) -> list[Line]:
    """Return how somebody stands on each lot they have bid on."""
    lines = []
    for bid in bids:
        phase = phase_of(bid.lot, now, paused=bid.paused_at is not None)
        card = card_of(bid.lot, bid.reference, bid.currency, phase)
        mine = my_state(
            phase,
            bid=True,
            lead=bid.leads,
            sealed=bid.lot.sealed,
            taken=bid.lot.format == "dutch",
        )
        lines.append(Line(bid, card, mine))
    return lines


def grouped(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Return the lines by group; what is over shows the latest first."""
    groups: dict[str, list[Line]] = {name: [] for name in GROUPS}
    for line in lines:
        groups[line.group].append(line)
    for name in ("won", "lost"):
        groups[name].sort(key=lambda line: line.card.ends_at, reverse=True)
    return groups


def totals(lines: Sequence[Line]) -> list[Total]:
    """Return what lots come to, one total for each currency."""
    found = []
    for code in sorted({line.card.currency for line in lines}):
        same = [line for line in lines if line.card.currency == code]
        found.append(
            Total(
                currency=code,
                lots=len(same),
                price=sum(line.price for line in same),
                at_most=sum(line.at_most for line in same),
            )
        )
    return found
