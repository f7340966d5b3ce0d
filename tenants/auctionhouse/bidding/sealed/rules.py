"""Who buys where bids are sealed, and at which price. Pure.

The highest bid wins, of equal ones the one that was handed in first. It pays what it bid, or by
the second price (as Vickrey has it) what the next one bid, and in any case the reserve. Amounts
are minor units. Only the standard library is imported: the verifier is generated from this file.

A lot of many pieces may be shared: each bids a price for each of so many pieces. The best bids are
served first, the last of them with what is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auctionhouse.bidding.rules import Reason, State, Terms
from auctionhouse.bidding.selling import Award


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed bid, by the place of its entry in time; for how many pieces, if shared."""

    entry: int
    who: int | str
    amount: int
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What the opened bids led to; nobody leads where there are none."""

    leader: int | str | None = None
    price: int | None = None
    best: int | None = None
    second: int | None = None
    reserve_met: bool = False
    awards: tuple[Award, ...] = ()


def sealed_refusal(
    terms: Terms, state: State, own: Envelope | None, bid: Envelope, at: int
) -> Reason | None:
    """Return why a sealed bid is not taken, or None; own is the bidder's that stands already."""
    if at < state.opens_at:
        return "early"
    if at >= state.ends_at:
        return "late"
    if own is not None and (terms.sealed is None or terms.sealed.changes == "never"):
        return "final"
    if bid.amount < terms.opening:
        return "too_low"
    if bid.pieces > terms.pieces:
        return "too_many"
    same = own is not None and (own.amount, own.pieces) == (bid.amount, bid.pieces)
    return "no_change" if same else None


def withdrawal_refusal(terms: Terms, state: State, own: Envelope | None, at: int) -> Reason | None:
    """Return why a sealed bid is not taken back, or None."""
    if at >= state.ends_at:
        return "late"
    if own is None:
        return "nothing"
    return None if terms.sealed is not None and terms.sealed.changes == "withdraw" else "final"


def ranked(bids: Iterable[Envelope]) -> list[Envelope]:
    """Return bids from the best: the higher first, of equal ones the earlier."""
    return sorted(bids, key=lambda bid: (-bid.amount, bid.entry))


def decide_opened(terms: Terms, bids: Iterable[Envelope]) -> Opened:
    """Decide a lot by its opened bids, in whatever order they were opened."""
    if terms.format == "sealed_pieces":
        return _shared(terms, bids)
    order = ranked(bids)
    if not order:
        return Opened(reserve_met=terms.reserve is None)
    first = order[0]
    second = order[1].amount if len(order) > 1 else None
    met = terms.reserve is None or first.amount >= terms.reserve
    price = first.amount
    if met and terms.format == "sealed_second":
        price = max(second or 0, terms.reserve or 0, terms.opening)
    return Opened(first.who, price, first.amount, second, met)


def _shared(terms: Terms, bids: Iterable[Envelope]) -> Opened:
    """Share a lot's pieces; it leads who is served first, and the price is the lowest paid."""
    awards = tuple(allot(terms, bids))
    if not awards:
        return Opened(reserve_met=terms.reserve is None)
    price = min(award.price for award in awards)
    return Opened(awards[0].who, price, reserve_met=True, awards=awards)


def allot(terms: Terms, bids: Iterable[Envelope]) -> list[Award]:
    """Share a lot's pieces among bids that reach opening and reserve, the best served first."""
    least = max(terms.opening, terms.reserve or 0)
    good = [bid for bid in bids if bid.amount >= least]
    left, served = terms.pieces, []
    for bid in sorted(good, key=lambda bid: _rank(terms, bid)):
        pieces = min(left, bid.pieces)
        left -= pieces
        if pieces:
            served.append(Award(bid.entry, bid.who, pieces, bid.amount))
    pays = None if terms.sealed is None else terms.sealed.pays
    if not served or pays in {None, "own_bid"}:
        return served
    wanted = sum(bid.pieces for bid in good)
    plenty = pays == "start_unless_oversubscribed" and wanted <= terms.pieces
    price = least if plenty else min(award.price for award in served)
    return [replace(award, price=price) for award in served]


def _rank(terms: Terms, bid: Envelope) -> tuple[int, int, int]:
    """Return by what bids are served: the price, the pieces where the terms say so, and time."""
    by_pieces = terms.sealed is not None and terms.sealed.order == "price_quantity_time"
    return -bid.amount, -bid.pieces if by_pieces else 0, bid.entry
