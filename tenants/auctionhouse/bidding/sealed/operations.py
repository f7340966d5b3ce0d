"""Handing in a sealed bid, taking it back, and opening all of them.

Nothing here tells an amount before the opening: entries carry commitments, and what is stored is
sealed. Who reads a lot's sealed bids has to go through open_bids, which the end must have passed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.batch import Batch, BidResult, shown
from auctionhouse.bidding.deciding_again import hold_to_decide_again
from auctionhouse.bidding.errors import LotClosed, LotNotOpen, LotUnknown, SalePaused
from auctionhouse.bidding.guard_errors import NoStandingBid
from auctionhouse.bidding.guards import Passed, check_meant
from auctionhouse.bidding.hammer import let_the_hammer_fall
from auctionhouse.bidding.hot_lot import HotLot, Private, bound, salted, write
from auctionhouse.bidding.ledger import commitment_salt, marks, moment
from auctionhouse.bidding.rules import Reason
from auctionhouse.bidding.sealed.queries import Box, Closed, asked_by, box_of
from auctionhouse.bidding.sealed.refusals import (
    BelowLeastBid,
    NoSealedBid,
    OpenedBidsStay,
    SameSealedBid,
    SealedBidFinal,
    SealedBidStays,
    SealedUntilOpening,
    SecondPersonNeeded,
)
from auctionhouse.bidding.sealed.rules import (
    Envelope,
    decide_opened,
    sealed_refusal,
    withdrawal_refusal,
)
from auctionhouse.bidding.selling import Sealed
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.errors import DomainError, Forbidden

ROLES = ("owner", "clerk", "auctioneer")
_MAY = text(
    "SELECT count(*) FROM member_role mr JOIN role r ON r.id = mr.role_id"
    " WHERE mr.member_id = :member AND r.name = ANY(:roles)"
)


def submit(batch: Batch, submission: Submission, passed: Passed) -> BidResult:
    """Take a sealed bid in the place of the bidder's former one; raises what refuses it."""
    lot, client_id = batch.lot, submission.client_id
    own = _box(batch).standing.get(client_id)
    at = max(lot.now, lot.state.opens_at) if passed.in_advance else lot.now
    known = None if own is None else own.opened(lot.book)
    bid = Envelope(0, client_id, submission.maximum, submission.pieces)
    reason = sealed_refusal(lot.terms, lot.state, known, bid, at)
    if reason is not None:
        _refuse(lot, reason, submission.locale)
    check_meant(lot, submission)
    sequence = _enter(batch, submission, passed)
    batch.taken[submission.token] = submission, sequence
    return answer(batch, client_id, sequence)


def _box(batch: Batch) -> Box:
    """Return the lot's sealed bids, those of this batch too."""
    if batch.memory is None:
        batch.memory = box_of(batch.connection, batch.lot.lot_id)
    found: Box = batch.memory
    return found


def _refuse(lot: HotLot, reason: Reason, locale: str) -> None:
    if reason == "too_low":
        opening = lot.terms.opening
        raise BelowLeastBid(minimum=opening, shown=shown(lot, opening, locale))
    raise REFUSALS[reason]


STAYS: Mapping[Reason, type[DomainError]] = {
    "late": LotClosed,
    "nothing": NoSealedBid,
    "final": SealedBidStays,
}
REFUSALS: Mapping[Reason, type[DomainError]] = {
    "late": LotClosed,
    "early": LotNotOpen,
    "final": SealedBidFinal,
    "no_change": SameSealedBid,
}


def _enter(batch: Batch, submission: Submission, passed: Passed) -> int:
    """Write the bid's entry, put it into the box and return its sequence."""
    lot, client_id, box = batch.lot, submission.client_id, _box(batch)
    placed_by, bidder = submission.placed_by_member_id, lot.extra[6]
    lot.state = replace(lot.state, bids=len(box.standing.keys() | {client_id}))
    secret, hidden = salted("maximum", submission.maximum)
    pieces = submission.pieces if lot.terms.shared else None
    told = marks(
        bytes(lot.row["secret"]), placed_by=placed_by, staff=placed_by != bidder, house=False
    )
    public = {
        "who": lot.name_of(client_id),
        "maximum": hidden,
        **({"pieces": bound(secret, "pieces", pieces)} if pieces is not None else {}),
        "marks": bound(secret, "marks", told),
        **({"in_advance": True} if passed.in_advance else {}),
        **lot.shown(),
    }
    kept = Private(
        client_id, placed_by, submission.maximum, token=submission.token, salt=secret,
        pieces=pieces,
    )  # fmt: skip
    sequence = lot.enter("sealed_bid", public, kept)
    amount, salt = lot.book.close(submission.maximum), lot.book.close_salt(secret)
    assert amount is not None
    assert salt is not None
    box.put(Closed(sequence, client_id, amount, salt, lot.book.close(pieces)))
    batch.members[client_id] = bidder
    batch.standings[client_id] = "sealed"
    return sequence


def answer(batch: Batch, client_id: int, sequence: int) -> BidResult:
    """Tell a bidder that a sealed bid was handed in, and nothing else."""
    lot = batch.lot
    handed_in = _box(batch).handed_in[client_id]
    return BidResult(
        outcome="sealed",
        price=lot.state.price,
        asking=lot.asking,
        ends_at=moment(lot.state.ends_at),
        reserve_met=False,
        you_lead=False,
        sequence=sequence,
        nth=handed_in.index(sequence) + 1 if lot.hushed else None,
    )


def withdraw_sealed_bid(session: Session, lot_id: int, *, client_id: int, actor: int) -> None:
    """Take a bidder's sealed bid back until the end; raises NoSealedBid and SealedBidStays."""
    lot = _held(session, lot_id)
    _check_open(lot)
    box = box_of(session, lot_id)
    own = box.standing.pop(client_id, None)
    known = None if own is None else own.opened(lot.book)
    reason = withdrawal_refusal(lot.terms, lot.state, known, lot.now)
    if reason is not None:
        raise STAYS[reason]
    lot.state = replace(lot.state, bids=len(box.standing))
    public = {"who": lot.name_of(client_id), **lot.shown()}
    lot.enter("sealed_withdrawn", public, Private(client_id=client_id, placed_by=actor))
    write(session, lot)
    audit.record(session, "bid.withdraw_sealed", f"lot:{lot_id}", actor=actor)


def cancel(session: Session, lot: HotLot, sequence: int) -> tuple[int, list[int]]:
    """Take a bid out of a held lot's box unread; returns whose it was. Raises NoStandingBid."""
    box = box_of(session, lot.lot_id)
    bid = next((bid for bid in box.standing.values() if bid.entry == sequence), None)
    if bid is None:
        raise NoStandingBid
    lot.state = replace(lot.state, bids=len(box.standing) - 1)
    return bid.client_id, []


def reopen(session: Session, lot: HotLot) -> tuple[set[int], list[int]]:
    """Let a held lot take sealed bids again; returns whose bids stand in its box.

    Raises OpenedBidsStay where they were opened.
    """
    if lot.state.bids and lot.status == "closed":
        raise OpenedBidsStay
    return set(box_of(session, lot.lot_id).standing), []


def close(connection: Connection | Session, lot: HotLot) -> None:
    """Open the bids of a held lot whose end has come, or let them wait for staff to do it."""
    if _terms(lot).opened_by == "clock":
        _open(connection, lot, by=None)
        return
    lot.status = "ended"
    lot.enter("ended", lot.shown())


def open_sealed_bids(session: Session, lot_id: int, *, actor: int) -> str:
    """Ask for the opening, or open what another member asked for; returns "asked" or "opened".

    Raises SealedUntilOpening before the end, SecondPersonNeeded for who asked already, Forbidden
    for who is neither clerk, auctioneer nor owner.
    """
    if not session.execute(_MAY, {"member": actor, "roles": list(ROLES)}).scalar():
        raise Forbidden
    lot = _held(session, lot_id)
    if lot.status != "ended":
        raise SealedUntilOpening
    first = asked_by(session, lot_id)
    if first == actor:
        raise SecondPersonNeeded
    if first is None:
        by = {"by": lot.name_of_member(actor), **lot.shown()}
        lot.enter("opening_asked", by, Private(placed_by=actor))
        act = "asked"
    else:
        _open(session, lot, by=[first, actor])
        lot.announce_state()
        lot.enqueue("bidding.closed_mails", lot=lot_id)
        act = "opened"
    write(session, lot)
    audit.record(session, f"lot.opening_{act}", f"lot:{lot_id}", actor=actor, first=first)
    return act


def _open(connection: Connection | Session, lot: HotLot, *, by: list[int] | None) -> None:
    """Open all bids of a held lot into its ledger and let the hammer fall."""
    if not lot.over:
        raise SealedUntilOpening
    closed = sorted(box_of(connection, lot.lot_id).standing.values(), key=lambda bid: bid.entry)
    bids = [bid.opened(lot.book) for bid in closed]
    decided = decide_opened(lot.terms, bids)
    lot.status = "closed"
    lot.state = replace(
        lot.state, leader=decided.leader, price=decided.price, maximum=decided.best,
        second=decided.second, reserve_met=decided.reserve_met, bids=len(bids),
    )  # fmt: skip
    lot.awards = list(decided.awards)
    told = [_told(lot, one, bid) for one, bid in zip(closed, bids, strict=True)]
    names = None if by is None else [lot.name_of_member(member) for member in by]
    opener = None if by is None else by[-1]
    lot.enter(
        "bids_opened", {"opened": told, "by": names, **lot.shown()}, Private(placed_by=opener)
    )
    let_the_hammer_fall(lot, decided.awards)


def _told(lot: HotLot, closed: Closed, bid: Envelope) -> dict[str, Any]:
    """Tell a bid with the salts that open what its entry committed to."""
    secret = lot.book.open_salt(closed.salt) or b""
    told = {
        "entry": bid.entry,
        "who": lot.name_of(bid.who),
        "amount": bid.amount,
        "salt": commitment_salt(secret, "maximum").hex(),
    }
    if lot.terms.shared:
        told |= {"pieces": bid.pieces, "pieces_salt": commitment_salt(secret, "pieces").hex()}
    return told


def _held(session: Session, lot_id: int) -> HotLot:
    """Hold a lot that is sold by sealed bids; raises LotUnknown for any other."""
    lot = hold_to_decide_again(session, lot_id)
    if lot.terms.sealed is None:
        raise LotUnknown
    return lot


def _terms(lot: HotLot) -> Sealed:
    assert lot.terms.sealed is not None
    return lot.terms.sealed


def _check_open(lot: HotLot) -> None:
    if lot.status != "open" or lot.over:
        raise LotClosed
    if lot.row["paused_at"] is not None:
        raise SalePaused
