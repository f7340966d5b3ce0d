"""Who may bid on a lot, and how far: asked once for every bid, while the lot is held.

What is asked comes along with the lot in the one read of a bid; only a bidder with limits of their
own costs more. Their registration is held before the lot, as by whoever changes the limits.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.errors import (
    BuyerBlocked,
    LotClosed,
    LotUnknown,
    LotWithdrawn,
    NotRegistered,
    OverLimit,
    OwnLot,
    SalePaused,
)
from auctionhouse.bidding.exposure import chosen_instead, room
from auctionhouse.bidding.guard_errors import (
    ConfirmationNeeded,
    HouseBidRefused,
    LimitBusy,
    OtherLotLed,
    OverSpending,
    PiecesInvalid,
    StaffBidRefused,
)
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.limits import held_by, limits_of
from auctionhouse.bidding.policies import Policies, stored_policies
from auctionhouse.bidding.selling import in_all
from auctionxchange.kernel.money import currency, format_amount

ASKED = slice(8, 12)
"""Where what the guards ask stands among the columns read for a bid."""

BIDDER = 6
"""Where the account of who bids stands among them; None where the client has none."""

_HOLD_MINE = text(
    "SELECT 1 FROM registration WHERE sale_id = :sale AND client_id = :client"
    " FOR NO KEY UPDATE SKIP LOCKED"
)
_BLOCKED = text(
    "SELECT 1 FROM client c JOIN member m ON m.id = c.member_id"
    " WHERE c.id = :client AND m.blocked_at IS NOT NULL"
)
_NUMBER = text("SELECT number::text || suffix FROM lot WHERE id = :lot")


class Offer(Protocol):
    """What of a submission its guards look at; unconfirmed ones may be asked about."""

    @property
    def client_id(self) -> int:
        """Return who bids."""
        ...

    @property
    def placed_by_member_id(self) -> int:
        """Return who enters it: the bidder's own account, or a member of staff."""
        ...

    @property
    def maximum(self) -> int:
        """Return how much, in minor units."""
        ...

    @property
    def pieces(self) -> int:
        """Return for how many pieces, where bidders may share them."""
        ...

    @property
    def locale(self) -> str:
        """Return in which language to say no."""
        ...

    @property
    def confirmed(self) -> bool:
        """Tell whether exactly this amount was confirmed, or need not be."""
        ...


class Asked(NamedTuple):
    """What the guards know of a bidder from the read of the lot."""

    limited: bool | None
    for_house: bool | None
    estimate: int | None
    staff: bool | None


class Passed(NamedTuple):
    """What a bid that may be decided is marked with."""

    house: bool = False
    in_advance: bool = False


def any_limited(lot: HotLot) -> bool:
    """Tell whether one of those who bid on a held lot has limits of their own."""
    return any(Asked(*row[ASKED]).limited for row in lot.asked)


def check_bid(connection: Connection | Session, lot: HotLot, offer: Offer) -> Passed:
    """Let a bid pass to its decision; raises what bidding.errors and guard_errors refuse."""
    asked = Asked(*lot.extra[ASKED])
    policies = stored_policies(lot.row["sale_terms"])
    if lot.row["sale_state"] == "draft":
        raise LotUnknown
    if lot.row["consignor"] == offer.client_id:
        raise OwnLot
    if asked.for_house:
        _check_house(lot, policies, offer)
        check_open(lot)
        return Passed(house=True)
    _check_registered(lot, policies, offer)
    if offer.placed_by_member_id != lot.extra[BIDDER]:
        # A blocked account is signed out; staff must not bid for it either.
        _check_not_blocked(connection, offer)
    in_advance = bool(asked.staff) and _check_staff(lot, policies)
    check_open(lot)
    if asked.limited:
        _check_own_limits(connection, lot, offer)
    return Passed(in_advance=in_advance)


def check_purchase(connection: Connection | Session, lot: HotLot, offer: Offer) -> None:
    """Let somebody have a lot at a price that is fixed; whether it can be had is not asked here.

    Raises what bidding.errors and guard_errors refuse. The house and its staff buy nothing so.
    """
    asked = Asked(*lot.extra[ASKED])
    policies = stored_policies(lot.row["sale_terms"])
    if lot.row["sale_state"] == "draft":
        raise LotUnknown
    if lot.row["consignor"] == offer.client_id:
        raise OwnLot
    if asked.for_house:
        raise HouseBidRefused(why="purchase")
    _check_registered(lot, policies, offer)
    if asked.staff:
        raise StaffBidRefused(policy=policies.staff_bidding)
    _check_not_blocked(connection, offer)
    if asked.limited:
        _check_own_limits(connection, lot, offer)


def check_in_all(lot: HotLot, offer: Offer, total: int) -> None:
    """Hold a bidder who may buy a lot piece by piece to the limit of a lot; raises OverLimit."""
    limit = lot.extra[1]
    if limit is None:
        limit = stored_policies(lot.row["sale_terms"]).bid_limit
    if limit is not None and total > limit:
        raise OverLimit(limit=limit, shown=_shown(lot, limit, offer))


def _check_not_blocked(connection: Connection | Session, offer: Offer) -> None:
    if connection.execute(_BLOCKED, {"client": offer.client_id}).first():
        raise BuyerBlocked


def check_meant(lot: HotLot, offer: Offer) -> None:
    """Ask about a bid that would be taken and may be a slip; raises ConfirmationNeeded."""
    if offer.confirmed:
        return
    estimate = Asked(*lot.extra[ASKED]).estimate
    policies = stored_policies(lot.row["sale_terms"])
    if policies.far_above(offer.maximum, lot.asking, estimate):
        raise ConfirmationNeeded(
            shown=_shown(lot, offer.maximum, offer), asking=_shown(lot, lot.asking, offer)
        )


def _check_registered(lot: HotLot, policies: Policies, offer: Offer) -> None:
    """Hold a bidder to the registration and its limit, or else the sale's."""
    state, own = lot.extra[:2]
    if state != "approved":
        raise NotRegistered(missing=state or "registration")
    limit = policies.bid_limit if own is None else own
    if limit is not None and _total(lot, offer) > limit:
        raise OverLimit(limit=limit, shown=_shown(lot, limit, offer))


def _check_house(lot: HotLot, policies: Policies, offer: Offer) -> None:
    """Let the house bid for the seller where the sale says so, and below the reserve alone."""
    if policies.house_bidding == "never":
        raise HouseBidRefused(why="never")
    if lot.terms.format != "timed":
        raise HouseBidRefused(why="format")
    if lot.terms.reserve is None:
        raise HouseBidRefused(why="no_reserve")
    if offer.maximum >= lot.terms.reserve:
        raise HouseBidRefused(why="reserve")


def _check_staff(lot: HotLot, policies: Policies) -> bool:
    """Let staff bid for themselves as the house's policy says; tells that it is in advance."""
    if policies.staff_bidding == "never" or lot.now >= lot.state.opens_at:
        raise StaffBidRefused(policy=policies.staff_bidding)
    return True


def check_open(lot: HotLot) -> None:
    """Raise why a lot cannot change hands now: withdrawn, closed, or its sale paused."""
    if lot.status == "withdrawn":
        raise LotWithdrawn
    if lot.status in {"closed", "ended"}:
        raise LotClosed
    if lot.row["paused_at"] is not None:
        raise SalePaused


def _check_own_limits(connection: Connection | Session, lot: HotLot, offer: Offer) -> None:
    """Hold bidders to the sum and the choices they set; their other bids are decided by now."""
    sale_id, client_id = lot.row["sale_id"], offer.client_id
    if not connection.execute(_HOLD_MINE, {"sale": sale_id, "client": client_id}).first():
        raise LimitBusy
    limits = limits_of(connection, sale_id, client_id)
    held = held_by(connection, sale_id, client_id)
    other = chosen_instead(limits, held, lot.lot_id)
    if other is not None:
        number: Any = connection.execute(_NUMBER, {"lot": other}).scalar()
        raise OtherLotLed(other=number)
    left = room(limits, held, lot.lot_id)
    if left is not None and _taken(lot, held, client_id) + _total(lot, offer) > left:
        raise OverSpending(
            limit=_shown(lot, limits.spending or 0, offer), left=_shown(lot, left, offer)
        )


def _taken(lot: HotLot, held: Mapping[int, int], client_id: int) -> int:
    """Return what a bidder took by a lot's clock, in this transaction too: a taking adds to it."""
    if lot.terms.clock is None:
        return 0
    now = sum(in_all(one.price, one.pieces) for one in lot.awards if one.who == client_id)
    return held.get(lot.lot_id, 0) + now


def check_pieces(lot: HotLot, offer: Offer) -> None:
    """Raise PiecesInvalid for pieces nobody could be asked for, whoever bids."""
    most = lot.terms.pieces if lot.terms.shared else 1
    if not 1 <= offer.pieces <= most:
        raise PiecesInvalid(most=most)


def _total(lot: HotLot, offer: Offer) -> int:
    """Return what a bid comes to at most, for all pieces it is for."""
    if lot.terms.shared:
        return in_all(offer.maximum, offer.pieces)
    return lot.terms.total(offer.maximum)


def _shown(lot: HotLot, amount: int, offer: Offer) -> str:
    return format_amount(amount, currency(lot.row["currency"]), offer.locale)
