"""Placing a bid: the only way a submission of a bidder, or of staff for one, reaches a lot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.errors import (
    BidTooLow,
    LotClosed,
    LotNotOpen,
    LotUnknown,
    LotWithdrawn,
    NotARaise,
    NotRegistered,
    OverLimit,
    OwnLot,
    SalePaused,
    TokenReused,
)
from auctionhouse.bidding.hot_lot import HotLot, Private, bound, hold, salted, write
from auctionhouse.bidding.ledger import marks, moment
from auctionhouse.bidding.rules import Decision, decide
from auctionhouse.bidding.together import move_others
from auctionhouse.bidding.witness import witnessed
from auctionxchange.kernel.money import LARGEST_AMOUNT, AmountInvalid, currency, format_amount

_BIDDER = """,
       r.state, r.bid_limit,
       t.lot_id, t.client_id, t.maximum, t.sequence,
       (SELECT member_id FROM client WHERE id = %(client)s),
       (SELECT member_id FROM client WHERE id = s.leader_client_id)"""
_JOINS = """
LEFT JOIN registration r ON r.sale_id = s.sale_id AND r.client_id = %(client)s
LEFT JOIN ledger_entry t ON t.token = %(token)s::uuid
WHERE"""


@dataclass(frozen=True, slots=True)
class BidResult:
    """What an accepted bid led to; amounts in minor units, time in UTC."""

    outcome: str
    price: int
    asking: int
    ends_at: Any
    reserve_met: bool
    you_lead: bool
    sequence: int
    repeated: bool = False


def place_bid(
    connection: Connection | Session,
    *,
    lot_id: int,
    client_id: int,
    placed_by_member_id: int,
    maximum: int,
    token: UUID,
    locale: str = "en",
) -> BidResult:
    """Submit a maximum in minor units; the caller's transaction makes it final.

    The same token with the same amount answers as before and changes nothing; with another it
    raises TokenReused. Raises the refusals of bidding.errors, NotRegistered and AmountInvalid.
    """
    if not 0 < maximum <= LARGEST_AMOUNT:
        raise AmountInvalid(example="1250")
    lot = hold(
        connection,
        lot_id,
        columns=_BIDDER,
        joins=_JOINS,
        parameters={"client": client_id, "token": str(token)},
    )
    private = {"placed_by": placed_by_member_id, "maximum": maximum, "token": token}
    with witnessed(lot, client_id, maximum):
        return _submit(connection, lot, client_id, private, locale)


def _submit(
    connection: Connection | Session,
    lot: HotLot,
    client_id: int,
    private: Mapping[str, Any],
    locale: str,
) -> BidResult:
    """Decide a submission on a lot that is held, and write what it led to."""
    maximum = private["maximum"]
    before = _repeated(lot, client_id, maximum)
    if before is not None:
        return before
    _check_bidder(lot, client_id, maximum, locale)
    _check_open(lot)
    ended = lot.state.ends_at
    decision = decide(lot.terms, lot.state, client_id, maximum, lot.now)
    if not decision.accepted:
        _refuse(lot, decision, locale)
    sequence = _record(lot, decision, client_id, private)
    try:
        write(connection, lot)
    except UniqueViolation as error:
        # The token came at the same moment for another lot, whose row this one does not wait for.
        raise TokenReused from error
    if decision.extended:
        move_others(connection, lot, ended)
    return _result(lot, client_id, sequence)


def _repeated(lot: HotLot, client_id: int, maximum: int) -> BidResult | None:
    """Answer a submission that came before under its token."""
    known_lot, known_client, sealed, sequence = lot.extra[2:6]
    if known_lot is None:
        return None
    if (known_lot, known_client) != (lot.lot_id, client_id) or lot.book.open(sealed) != maximum:
        raise TokenReused
    return _result(lot, client_id, sequence, repeated=True)


def _check_bidder(lot: HotLot, client_id: int, maximum: int, locale: str) -> None:
    state, limit = lot.extra[:2]
    if lot.row["sale_state"] == "draft":
        raise LotUnknown
    if lot.row["consignor"] == client_id:
        raise OwnLot
    if state != "approved":
        raise NotRegistered(missing=state or "registration")
    if limit is not None and maximum > limit:
        raise OverLimit(limit=limit, shown=_shown(lot, limit, locale))


def _check_open(lot: HotLot) -> None:
    if lot.status == "withdrawn":
        raise LotWithdrawn
    if lot.status == "closed":
        raise LotClosed
    if lot.row["paused_at"] is not None:
        raise SalePaused


def _refuse(lot: HotLot, decision: Decision, locale: str) -> None:
    if decision.reason == "late":
        raise LotClosed
    if decision.reason == "early":
        raise LotNotOpen
    if decision.reason == "no_change":
        raise NotARaise
    raise BidTooLow(minimum=lot.asking, shown=_shown(lot, lot.asking, locale))


def _shown(lot: HotLot, amount: int, locale: str) -> str:
    return format_amount(amount, currency(lot.row["currency"]), locale)


def _record(lot: HotLot, decision: Decision, client_id: int, private: Mapping[str, Any]) -> int:
    """Turn a decision into entries, events and jobs; returns the bid's sequence."""
    outbid = lot.state.leader
    lot.state = decision.state
    maximum = private["maximum"]
    secret, hidden = salted("maximum", maximum)
    placed_by, bidder = private["placed_by"], lot.extra[6]
    told = marks(
        bytes(lot.row["secret"]), placed_by=placed_by, staff=placed_by != bidder, house=False
    )
    public = {
        "who": lot.name_of(client_id),
        "maximum": hidden,
        "marks": bound(secret, "marks", told),
        **lot.shown(),
    }
    kept = Private(client_id=client_id, salt=secret, **private)
    if decision.own_raise:
        sequence = lot.enter("raise", public, kept)
    else:
        leads = lot.state.leader == client_id
        amount = lot.state.price if leads else decision.maximum
        sequence = lot.enter("bid", {**public, "amount": amount}, kept)
        _follow(lot, decision)
    lot.announce_state(extended=decision.extended)
    _tell(lot, client_id, outbid)
    return sequence


def _follow(lot: HotLot, decision: Decision) -> None:
    """Enter the leader's automatic answer and the extension the bid caused."""
    if decision.automatic:
        public = {"who": lot.name_of(lot.state.leader), "amount": lot.state.price, **lot.shown()}
        lot.enter("automatic", public, Private(client_id=_client(lot.state.leader)))
    if decision.extended:
        lot.enter("extended", lot.shown())


def _tell(lot: HotLot, client_id: int, outbid: int | str | None) -> None:
    """Tell the bidder, and whoever led before, how they stand."""
    bidder, before = lot.extra[6:8]
    leads = lot.state.leader == client_id
    _standing(lot, bidder, "leading" if leads else "outbid")
    if outbid is not None and leads and outbid != client_id:
        _standing(lot, before, "outbid")
        lot.enqueue("bidding.outbid_mail", lot=lot.lot_id, client=outbid, price=lot.state.price)


def _standing(lot: HotLot, member_id: int | None, standing: str) -> None:
    """Announce a standing to a member's own channel; a client without an account has none."""
    if member_id is None:
        return
    payload = {
        "type": "standing",
        "lot": lot.lot_id,
        "standing": standing,
        "price": lot.state.price,
        "number": lot.row["number"],
        "reference": lot.row["reference"],
    }
    lot.announce(f"member:{member_id}", payload)


def _client(leader: int | str | None) -> int | None:
    return None if leader is None else int(leader)


def _result(lot: HotLot, client_id: int, sequence: int, *, repeated: bool = False) -> BidResult:
    assert lot.state.price is not None
    leads = lot.state.leader == client_id
    return BidResult(
        outcome="leading" if leads else "outbid",
        price=lot.state.price,
        asking=lot.asking,
        ends_at=moment(lot.state.ends_at),
        reserve_met=lot.state.reserve_met,
        you_lead=leads,
        sequence=sequence,
        repeated=repeated,
    )
