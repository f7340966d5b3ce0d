"""Taking bids back: the bidder under the sale's rule, the house with a reason.

Nothing is deleted. An entry says which bids no longer count, and price, leader and reserve are
decided again from what remains; the end stays.
"""

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.deciding_again import (
    Story,
    decide_again,
    hold_to_decide_again,
    standing_event,
    story_of,
    tell_change,
)
from auctionhouse.bidding.errors import LotClosed
from auctionhouse.bidding.formats import format_of
from auctionhouse.bidding.guard_errors import (
    NotYourBid,
    ReasonNeeded,
    RetractionRefused,
)
from auctionhouse.bidding.hot_lot import HotLot, Private, write
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.policies import Policies, stored_policies
from auctionhouse.bidding.redecide import Lowered
from auctionhouse.bidding.retraction_rules import OwnBid, may_go

LONGEST_REASON = 500


def retract_bid(
    session: Session, lot_id: int, sequence: int, *, client_id: int, actor: int, reason: str
) -> list[int]:
    """Take a bidder's own last bid back, and all their others while the sale's rule lets them go.

    The sequence is the last bid the bidder has seen. Returns what no longer counts. Raises
    NotYourBid, RetractionRefused, ReasonNeeded and LotClosed.
    """
    said = _said(reason)
    lot = hold_to_decide_again(session, lot_id)
    story = story_of(session, lot)
    own = story.of(client_id)
    if sequence not in [bid.sequence for bid in own]:
        raise NotYourBid
    if sequence != own[-1].sequence:
        raise RetractionRefused(why="changed")
    _check_open(lot)
    going = retractable(lot, story, client_id)
    if not going:
        raise RetractionRefused(why="late")
    before = lot.state.leader
    lapsed = decide_again(session, lot, story, retracts=going)
    kept = Private(client_id=client_id, placed_by=actor, reason=said)
    _enter(session, lot, going, lapsed, kind="retraction", notice="", before=before, kept=kept)
    audit.record(session, "bid.retract", f"lot:{lot_id}", actor=actor, bids=going, reason=said)
    return going


def retractable(lot: HotLot, story: Story, client_id: int) -> list[int]:
    """Return the bids a client may take back now; raises RetractionRefused where none ever go."""
    rule = policies_of_lot(lot)
    if rule.retraction != "allowed":
        raise RetractionRefused(why=rule.retraction)
    own = [OwnBid(bid.sequence, microseconds(bid.at)) for bid in story.of(client_id)]
    return may_go(
        own, now=lot.now, ends_at=lot.state.ends_at,
        hours=rule.retraction_hours, minutes=rule.retraction_minutes,
    )  # fmt: skip


def lower_maximum(session: Session, lot_id: int, *, client_id: int, actor: int, reason: str) -> int:
    """Lower the leader's maximum to the price; the price stays. Returns it.

    Raises RetractionRefused, ReasonNeeded and LotClosed.
    """
    said = _said(reason)
    lot = hold_to_decide_again(session, lot_id)
    _check_open(lot)
    if policies_of_lot(lot).retraction == "never":
        raise RetractionRefused(why="not_allowed")
    if lot.state.leader != client_id or lot.state.price is None:
        raise RetractionRefused(why="not_leading")
    price = lot.state.price
    if lot.state.maximum == price:
        raise RetractionRefused(why="nothing")
    story = story_of(session, lot)
    decide_again(session, lot, story, lowered=Lowered(lot.chain.length + 1, client_id, price))
    lot.enter(
        "retraction",
        {"who": lot.name_of(client_id), "lowers": True, "notice": "", **lot.shown()},
        Private(client_id=client_id, placed_by=actor, maximum=price, reason=said),
    )
    write(session, lot)
    audit.record(session, "bid.lower", f"lot:{lot_id}", actor=actor, reason=said)
    return price


def cancel_bid(
    session: Session, lot_id: int, sequence: int, *, reason: str, notice: str, actor: int
) -> None:
    """Cancel any one standing bid on an open lot; the notice is public, the reason is kept.

    Raises NoStandingBid, ReasonNeeded and LotClosed.
    """
    said = _said(reason)
    lot = hold_to_decide_again(session, lot_id)
    _check_open(lot)
    before, price = lot.state.leader, lot.state.price
    client_id, lapsed = format_of(lot).cancel(session, lot, sequence)
    lot.enqueue(
        "bidding.bid_notice", name="cancelled", lot=lot_id, client=client_id, price=price,
        notice=notice.strip(),
    )  # fmt: skip
    kept = Private(client_id=client_id, placed_by=actor, reason=said)
    _enter(
        session, lot, [sequence], lapsed, kind="cancellation", notice=notice.strip(),
        before=before, kept=kept,
    )  # fmt: skip
    audit.record(
        session, "bid.cancel", f"lot:{lot_id}", actor=actor, bid=sequence, client=client_id,
        reason=said,
    )  # fmt: skip


def policies_of_lot(lot: HotLot) -> Policies:
    """Return the policies of a held lot's sale."""
    return stored_policies(lot.row["sale_terms"])


def _enter(
    session: Session,
    lot: HotLot,
    going: list[int],
    lapsed: list[int],
    *,
    kind: str,
    notice: str,
    before: int | str | None,
    kept: Private,
) -> None:
    """Write down which bids no longer count and tell whom it concerns; before led before."""
    client_id = kept.client_id or 0
    lot.enter(
        kind,
        {
            "retracts": going,
            **({"lapsed": lapsed} if lapsed else {}),
            "who": lot.name_of(client_id),
            "notice": notice,
            **lot.shown(),
        },
        kept,
    )
    lot.announce_state()
    if lot.state.leader != client_id and before == client_id:
        standing_event(session, lot, client_id, "outbid")
    tell_change(session, lot, before, "leads_again")
    write(session, lot)


def _check_open(lot: HotLot) -> None:
    if lot.status != "open" or lot.over:
        raise LotClosed


def _said(reason: str) -> str:
    said = reason.strip()
    if not 0 < len(said) <= LONGEST_REASON:
        raise ReasonNeeded
    return said
