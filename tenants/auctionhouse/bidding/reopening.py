"""What a house may still do to a lot that has ended: open it again, or correct a wrong result.

Both are entries of the ledger with words for everybody; what the ledger said before stays in it.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.awards import drop_awards
from auctionhouse.bidding.conduct import NoticeMissing, SaleStateConflict
from auctionhouse.bidding.deciding_again import hold_to_decide_again
from auctionhouse.bidding.formats import format_of
from auctionhouse.bidding.guard_errors import CorrectionInvalid, EndInvalid
from auctionhouse.bidding.hot_lot import HotLot, Private, write
from auctionhouse.bidding.ledger import microseconds
from auctionhouse.bidding.lot_offers import lapse_offers
from auctionxchange.kernel.money import LARGEST_AMOUNT
from auctionxchange.kernel.outbox import announce

SOONEST = 60_000_000
"""Microseconds for which a reopened lot is open at least."""

_SHOW = text(
    "UPDATE lot SET withdrawn_at = NULL, withdrawn_reason = NULL, version = version + 1"
    " WHERE id = :lot"
)
_SALE_RUNS = text(
    "UPDATE sale SET state = 'published', closed_at = NULL, version = version + 1"
    " WHERE id = :sale AND state = 'closed'"
)
_RESULT = text(
    "SELECT max(sequence) FROM ledger_entry"
    " WHERE lot_id = :lot AND kind IN"
    " ('hammer', 'unsold', 'correction', 'conditional', 'choosing', 'chosen', 'purchase',"
    " 'agreement', 'sale_cancelled')"
)
_REGISTERED = text(
    "SELECT 1 FROM registration"
    " WHERE sale_id = :sale AND client_id = :client AND state = 'approved'"
)


def reopen_lot(
    session: Session, lot_id: int, *, ends_at: datetime, notice: str, actor: int | None
) -> None:
    """Take bids again on a closed or withdrawn lot, from where its bids left it, until a new end.

    A result falls with it. Raises NoticeMissing, SaleStateConflict, EndInvalid, and what the lot's
    format refuses.
    """
    _require(notice)
    lot = hold_to_decide_again(session, lot_id)
    if lot.status == "open" or lot.row["sale_state"] == "archived":
        raise SaleStateConflict
    end = microseconds(ends_at)
    if end < max(lot.now + SOONEST, lot.state.ends_at if lot.status == "withdrawn" else 0):
        raise EndInvalid
    session.execute(_SHOW, {"lot": lot_id})
    session.execute(_SALE_RUNS, {"sale": lot.row["sale_id"]})
    bidders, lapsed = format_of(lot).reopen(session, lot)
    lot.status, lot.outcome = "open", None
    lapse_offers(session, lot)
    lot.state = replace(lot.state, ends_at=end, scheduled_ends_at=end)
    if lot.over:
        # A clock that is below its reserve at once.
        raise EndInvalid
    beside = {"lapsed": lapsed} if lapsed else {}
    lot.enter("reopened", {"notice": notice, **beside, **lot.shown()}, Private(placed_by=actor))
    for client_id in sorted(bidders):
        _mail(lot, "reopened", client_id, notice)
    write(session, lot)
    told = {"type": "sale", "sale": lot.row["sale_id"], "paused": False, "notice": notice}
    announce(session, f"sale:{lot.row['sale_id']}", told)


def correct_result(
    session: Session,
    lot_id: int,
    *,
    client_id: int | None,
    price: int | None,
    notice: str,
    actor: int,
) -> None:
    """Say who bought a closed lot for how much (minor units), or with None that nobody did.

    Raises NoticeMissing and CorrectionInvalid.
    """
    _require(notice)
    lot = hold_to_decide_again(session, lot_id)
    if lot.status != "closed":
        raise CorrectionInvalid(why="open")
    if lot.outcome == "conditional":
        raise CorrectionInvalid(why="waiting")
    if lot.outcome == "choosing":
        raise CorrectionInvalid(why="choosing")
    before = int(lot.state.leader) if lot.outcome == "sold" and lot.state.leader else None
    if (client_id, price if client_id else None) == (before, lot.state.price if before else None):
        raise CorrectionInvalid(why="same")
    corrects = session.execute(_RESULT, {"lot": lot_id}).scalar()
    _put_right(session, lot, client_id, price)
    lot.enter(
        "correction",
        {"corrects": corrects, "who": lot.name_of(client_id), "notice": notice, **lot.shown()},
        Private(client_id=client_id, placed_by=actor),
    )
    lapse_offers(session, lot)
    if before is not None and before != client_id:
        _mail(lot, "corrected_from", before, notice)
    if client_id is not None:
        _mail(lot, "corrected_to", client_id, notice)
    write(session, lot)


def _put_right(session: Session, lot: HotLot, client_id: int | None, price: int | None) -> None:
    """Put a held lot's result right; raises CorrectionInvalid."""
    if client_id is None:
        lot.outcome = "unsold"
        drop_awards(session, lot.lot_id)
        return
    if lot.terms.shared:
        raise CorrectionInvalid(why="shared")
    if lot.terms.choice is not None:
        raise CorrectionInvalid(why="choice")
    if price is None or not 0 < price <= LARGEST_AMOUNT:
        raise CorrectionInvalid(why="price")
    if client_id == lot.row["consignor"]:
        raise CorrectionInvalid(why="own")
    asked = {"sale": lot.row["sale_id"], "client": client_id}
    if session.execute(_REGISTERED, asked).first() is None:
        raise CorrectionInvalid(why="buyer")
    lot.outcome = "sold"
    ceiling = lot.state.maximum if lot.state.leader == client_id else None
    lot.state = replace(
        lot.state, leader=client_id, price=price, maximum=max(price, ceiling or price)
    )


def _mail(lot: HotLot, name: str, client_id: int, notice: str) -> None:
    lot.enqueue(
        "bidding.bid_notice", name=name, lot=lot.lot_id, client=client_id, price=lot.state.price,
        notice=notice,
    )  # fmt: skip


def _require(notice: str) -> None:
    if not notice.strip():
        raise NoticeMissing
