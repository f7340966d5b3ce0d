"""Taking a lot, or some of its pieces, at the price of its falling clock; and the clock's end.

A taking is decided while the lot's row is held, at the database's time: who holds it first is
served first, at the price of that instant. It is a sale at once and stays one.
"""

from dataclasses import replace

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.awards import drop_awards
from auctionhouse.bidding.batch import Batch, BidResult, shown
from auctionhouse.bidding.dutch.refusals import (
    ClockAbove,
    ClockNotStarted,
    ClockPassed,
    TakingStays,
    TooFewLeft,
)
from auctionhouse.bidding.dutch.rules import Taking, Wish, clock_of, take
from auctionhouse.bidding.errors import BidRefused
from auctionhouse.bidding.guard_errors import NoStandingBid
from auctionhouse.bidding.guards import Passed, check_in_all
from auctionhouse.bidding.hammer import let_the_hammer_fall
from auctionhouse.bidding.hot_lot import HotLot, Private, bound, salted
from auctionhouse.bidding.ledger import marks, moment
from auctionhouse.bidding.selling import Award, in_all
from auctionhouse.bidding.submissions import Submission

_TAKEN = text(
    "SELECT entry, client_id, pieces, price FROM award WHERE lot_id = :lot ORDER BY place"
)


def submit(batch: Batch, submission: Submission, _passed: Passed) -> BidResult:
    """Sell at the clock's price what is wanted of a lot; raises what refuses it."""
    lot, client_id = batch.lot, submission.client_id
    taken = _taken(batch)
    left = lot.terms.pieces - sum(one.pieces for one in taken)
    wanted = submission.pieces if lot.terms.shared else lot.terms.pieces
    taking = take(
        lot.terms, lot.state, Wish(client_id, wanted, submission.maximum), lot.now, left=left
    )
    if taking.reason is not None:
        raise _refusal(lot, taking, left, submission.locale)
    own = sum(in_all(one.price, one.pieces) for one in taken if one.who == client_id)
    check_in_all(lot, submission, own + in_all(taking.price, wanted))
    sequence = _enter(batch, submission, taking, wanted)
    batch.taken[submission.token] = submission, sequence
    if wanted == left:
        _sold_out(lot, batch)
    return answer(batch, client_id, sequence)


def _taken(batch: Batch) -> list[Award]:
    """Return what was taken of the lot so far, in this batch too; nothing of one that is whole."""
    if batch.memory is None:
        batch.memory = taken_of(batch.connection, batch.lot)
    found: list[Award] = batch.memory
    return found


def taken_of(connection: Connection | Session, lot: HotLot) -> list[Award]:
    """Return who has which pieces of a held lot, in the order they were taken."""
    if not lot.terms.shared:
        return []
    rows = connection.execute(_TAKEN, {"lot": lot.lot_id})
    return [Award(row.entry, row.client_id, row.pieces, row.price) for row in rows]


def _refusal(lot: HotLot, taking: Taking, left: int, locale: str) -> BidRefused:
    if taking.reason == "late":
        return ClockPassed()
    if taking.reason == "too_many":
        return TooFewLeft(left=left)
    if taking.reason == "too_low":
        return ClockAbove(price=taking.price, shown=shown(lot, taking.price, locale))
    return ClockNotStarted(shown=shown(lot, clock_of(lot.terms).start, locale))


def _enter(batch: Batch, submission: Submission, taking: Taking, pieces: int) -> int:
    """Write the taking's entry and what goes to its buyer; returns the entry's sequence."""
    lot, client_id = batch.lot, submission.client_id
    placed_by, bidder = submission.placed_by_member_id, lot.extra[6]
    lot.state = taking.state
    secret, hidden = salted("maximum", submission.maximum)
    told = marks(
        bytes(lot.row["secret"]), placed_by=placed_by, staff=placed_by != bidder, house=False
    )
    shared = lot.terms.shared
    public = {
        "who": lot.name_of(client_id),
        "amount": taking.price,
        "maximum": hidden,
        "marks": bound(secret, "marks", told),
        **({"taken": pieces, "pieces": bound(secret, "pieces", pieces)} if shared else {}),
        **lot.shown(),
    }
    kept = Private(
        client_id, placed_by, submission.maximum, token=submission.token, salt=secret,
        pieces=pieces if shared else None,
    )  # fmt: skip
    sequence = lot.enter("taking", public, kept)
    if shared:
        award = Award(sequence, client_id, pieces, taking.price)
        lot.awards.append(award)
        _taken(batch).append(award)
    batch.members[client_id] = bidder
    batch.standings[client_id] = "won"
    return sequence


def _sold_out(lot: HotLot, batch: Batch) -> None:
    """Let the hammer fall with the last piece."""
    let_the_hammer_fall(lot, _taken(batch))
    lot.enqueue("bidding.closed_mails", lot=lot.lot_id)


def answer(batch: Batch, client_id: int, sequence: int) -> BidResult:
    """Tell a taker that it is theirs, at which price; raises NoStandingBid where it was undone."""
    lot = batch.lot
    own = (one.price for one in _taken(batch) if one.entry == sequence)
    whole = None if lot.state.leader != client_id or lot.outcome == "unsold" else lot.state.price
    price = next(own, None) if lot.terms.shared else whole
    if price is None:
        raise NoStandingBid
    return BidResult(
        outcome="taken",
        price=price,
        asking=lot.asking,
        ends_at=moment(lot.state.ends_at),
        reserve_met=lot.state.reserve_met,
        you_lead=True,
        sequence=sequence,
    )


def close(connection: Connection | Session, lot: HotLot) -> None:
    """Sell what was taken of a held lot whose clock has stopped; nothing taken is unsold.

    Where it stopped below the reserve, the lot ends with that.
    """
    lot.state = replace(lot.state, ends_at=min(lot.state.ends_at, lot.now))
    let_the_hammer_fall(lot, taken_of(connection, lot))


def cancel(_session: Session, lot: HotLot, _sequence: int) -> tuple[int, list[int]]:
    """Refuse to cancel a taking, which is a sale; raises NoStandingBid where there is none."""
    if not lot.state.bids:
        raise NoStandingBid
    raise TakingStays


def reopen(session: Session, lot: HotLot) -> tuple[set[int], list[int]]:
    """Let the clock of a held lot run again until its new end; raises TakingStays."""
    if lot.outcome == "sold":
        raise TakingStays
    drop_awards(session, lot.lot_id)
    lot.state = replace(
        lot.state, leader=None, price=None, maximum=None, second=None, bids=0,
        reserve_met=lot.terms.reserve is None,
    )  # fmt: skip
    return set(), []
