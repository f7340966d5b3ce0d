"""Timed bidding with proxies: what an accepted or refused maximum leaves on a lot."""

from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.batch import Batch, BidResult, shown
from auctionhouse.bidding.buying import result
from auctionhouse.bidding.deciding_again import decide_again, story_of
from auctionhouse.bidding.errors import BidTooLow, LotClosed, LotNotOpen, NotARaise
from auctionhouse.bidding.guard_errors import NoStandingBid
from auctionhouse.bidding.guards import Passed, check_meant
from auctionhouse.bidding.hammer import let_the_hammer_fall
from auctionhouse.bidding.hot_lot import HotLot, Private, bound, salted
from auctionhouse.bidding.ledger import marks, moment
from auctionhouse.bidding.lot_offers import leave_to_seller, led_by_house
from auctionhouse.bidding.rules import Decision, decide
from auctionhouse.bidding.submissions import Submission


def submit(batch: Batch, submission: Submission, passed: Passed) -> BidResult:
    """Decide a maximum that may be decided; raises what the rules refuse it for."""
    lot, client_id = batch.lot, submission.client_id
    at = max(lot.now, lot.state.opens_at) if passed.in_advance else lot.now
    decision = decide(lot.terms, lot.state, client_id, submission.maximum, at)
    if not decision.accepted:
        _refuse(lot, decision, submission.locale)
    check_meant(lot, submission)
    sequence = _record(batch, decision, submission, passed)
    batch.taken[submission.token] = submission, sequence
    result = answer(batch, client_id, sequence)
    return replace(result, raised=True) if decision.own_raise else result


def answer(batch: Batch, client_id: int, sequence: int) -> BidResult:
    """Tell a bidder how the lot stands; raises NoStandingBid where no bid counts any more."""
    lot = batch.lot
    if lot.state.price is None:
        raise NoStandingBid
    leads = lot.state.leader == client_id
    return BidResult(
        outcome="leading" if leads else "outbid",
        price=lot.state.price,
        asking=lot.asking,
        ends_at=moment(lot.state.ends_at),
        reserve_met=lot.state.reserve_met,
        you_lead=leads,
        sequence=sequence,
    )


def _refuse(lot: HotLot, decision: Decision, locale: str) -> None:
    if decision.reason == "late":
        raise LotClosed
    if decision.reason == "early":
        raise LotNotOpen
    if decision.reason == "no_change":
        raise NotARaise
    raise BidTooLow(minimum=lot.asking, shown=shown(lot, lot.asking, locale))


def _record(batch: Batch, decision: Decision, submission: Submission, passed: Passed) -> int:
    """Turn a decision into entries, events and jobs; returns the bid's sequence."""
    lot, client_id, maximum = batch.lot, submission.client_id, submission.maximum
    outbid, bidder = lot.state.leader, lot.extra[6]
    placed_by = submission.placed_by_member_id
    lot.state = decision.state
    secret, hidden = salted("maximum", maximum)
    told = marks(
        bytes(lot.row["secret"]), placed_by=placed_by, staff=placed_by != bidder, house=passed.house
    )
    public = {
        "who": lot.name_of(client_id),
        "maximum": hidden,
        "marks": bound(secret, "marks", told),
        **({"in_advance": True} if passed.in_advance else {}),
        **lot.shown(),
    }
    kept = Private(client_id, placed_by, maximum, token=submission.token, salt=secret)
    if decision.own_raise:
        sequence = lot.enter("raise", public, kept)
    else:
        leads = lot.state.leader == client_id
        amount = lot.state.price if leads else decision.maximum
        sequence = lot.enter("bid", {**public, "amount": amount}, kept)
        _follow(lot, decision)
    batch.extended = batch.extended or decision.extended
    _tell(batch, client_id, outbid)
    return sequence


def _follow(lot: HotLot, decision: Decision) -> None:
    """Enter the leader's automatic answer and the extension the bid caused."""
    if decision.automatic:
        public = {"who": lot.name_of(lot.state.leader), "amount": lot.state.price, **lot.shown()}
        lot.enter("automatic", public, Private(client_id=_client(lot.state.leader)))
    if decision.extended:
        lot.enter("extended", lot.shown())


def _tell(batch: Batch, client_id: int, outbid: int | str | None) -> None:
    """Note for the bidder, and for whoever led before, how they stand."""
    lot = batch.lot
    bidder, first_leader = lot.extra[6:8]
    leads = lot.state.leader == client_id
    batch.members[client_id] = bidder
    batch.standings[client_id] = "leading" if leads else "outbid"
    if outbid is not None and leads and outbid != client_id:
        batch.members.setdefault(int(outbid), first_leader)
        batch.standings[int(outbid)] = "outbid"
        batch.passed[int(outbid)] = lot.state.price


def _client(leader: int | str | None) -> int | None:
    return None if leader is None else int(leader)


def close(connection: Connection | Session, lot: HotLot) -> None:
    """Let the hammer fall for who leads, if the reserve is met; near it the seller is asked."""
    near = result(lot.terms, lot.state) == "conditional"
    if near and not led_by_house(connection, lot):
        leave_to_seller(connection, lot)
    else:
        let_the_hammer_fall(lot)


def cancel(session: Session, lot: HotLot, sequence: int) -> tuple[int, list[int]]:
    """Decide a held lot without one bid; returns whose it was, and the bids that lapse beside.

    Raises NoStandingBid.
    """
    story = story_of(session, lot)
    bid = next((bid for bid in story.placed if bid.sequence == sequence), None)
    if bid is None:
        raise NoStandingBid
    return bid.client_id, decide_again(session, lot, story, retracts=[sequence])


def reopen(session: Session, lot: HotLot) -> tuple[set[int], list[int]]:
    """Put a held lot where its bids left it; returns whose they are, and those that lapse."""
    story = story_of(session, lot)
    return {bid.client_id for bid in story.placed}, decide_again(session, lot, story)
