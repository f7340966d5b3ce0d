"""Buying a lot at a price the house put on it: decided under the lot's lock, as a bid is.

While it runs that is its buy-now price, once it was not sold the price of the after-sale.

A bid and a purchase that meet at a lot are decided one after the other by who holds its row first;
what comes second meets what the first left. Nothing is bought twice.
"""

from dataclasses import dataclass
from uuid import UUID

from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.buying import buy, sold_to
from auctionhouse.bidding.errors import (
    BuyNowGone,
    LotClosed,
    LotNotOpen,
    PriceChanged,
    TokenReused,
)
from auctionhouse.bidding.guards import check_open, check_purchase
from auctionhouse.bidding.handover import Sold, sell
from auctionhouse.bidding.hot_lot import HotLot, hold
from auctionhouse.bidding.lot_offers import after_sale_of, take_after_sale
from auctionhouse.bidding.rules import State
from auctionhouse.bidding.submissions import (
    COLUMNS,
    HOLD_LIMITED,
    JOINS,
    ORDER,
    Submission,
    asked_of,
)
from auctionhouse.bidding.witness import witnessed
from auctionxchange.kernel.money import currency, format_amount

_KIND = text("SELECT kind FROM ledger_entry WHERE lot_id = :lot AND sequence = :sequence")


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought: the price in minor units, and where it stands in the lot's ledger."""

    price: int
    sequence: int
    repeated: bool = False


def place_purchase(
    connection: Connection | Session,
    *,
    lot_id: int,
    client_id: int,
    placed_by_member_id: int,
    price: int,
    token: UUID,
    locale: str = "en",
) -> Purchase:
    """Buy a lot at the price its buyer saw, in minor units; the caller's commit makes it final.

    The same token answers as before and buys nothing more; for anything else it raises TokenReused.
    Raises BuyNowGone, PriceChanged, and what place_bid raises of who may not bid and when.
    """
    submission = Submission(client_id, placed_by_member_id, price, token, locale)
    lot = held_for(connection, lot_id, submission)
    with witnessed(lot, client_id, price):
        before = _repeated(connection, lot, submission)
        if before is not None:
            return before
        after = _decided(connection, lot, submission)
    try:
        sequence = sell(
            connection, lot, after,
            Sold("purchase", client_id, placed_by_member_id, "bought", token=token),
        )  # fmt: skip
    except UniqueViolation as error:
        # A token came at the same moment for another lot, whose row this one does not wait for.
        raise TokenReused from error
    return Purchase(price, sequence)


def held_for(connection: Connection | Session, lot_id: int, submission: Submission) -> HotLot:
    """Hold a lot with what the guards ask of one bidder, whose limits are held before it."""
    return hold(
        connection, lot_id, before=HOLD_LIMITED, columns=COLUMNS, joins=JOINS, order=ORDER,
        parameters=asked_of([(lot_id, submission)]),
    )  # fmt: skip


def _repeated(
    connection: Connection | Session, lot: HotLot, submission: Submission
) -> Purchase | None:
    """Answer a purchase that came before under its token; raises TokenReused."""
    known_lot, known_client, sealed, sequence = lot.extra[2:6]
    if known_lot is None:
        return None
    same = (known_lot, known_client) == (lot.lot_id, submission.client_id)
    same = same and lot.book.open(sealed) == submission.maximum
    known = {"lot": lot.lot_id, "sequence": sequence}
    if not same or connection.execute(_KIND, known).scalar() != "purchase":
        raise TokenReused
    return Purchase(submission.maximum, sequence, repeated=True)


def _decided(connection: Connection | Session, lot: HotLot, submission: Submission) -> State:
    """Return the lot's state once it is bought; raises why it is not."""
    check_purchase(connection, lot, submission)
    if (lot.status, lot.outcome) == ("closed", "unsold"):
        return _after_sale(connection, lot, submission)
    check_open(lot)
    decision = buy(lot.terms, lot.state, submission.client_id, lot.now)
    if decision.reason == "late":
        raise LotClosed
    if decision.reason == "early":
        raise LotNotOpen
    if not decision.accepted:
        raise BuyNowGone
    _check_price(lot, decision.maximum, submission)
    return decision.state


def _after_sale(connection: Connection | Session, lot: HotLot, submission: Submission) -> State:
    """Take the price at which an unsold lot is offered to everybody."""
    offer = after_sale_of(connection, lot)
    if offer is None:
        raise LotClosed
    offer_id, price = offer
    _check_price(lot, price, submission)
    take_after_sale(connection, offer_id, submission.placed_by_member_id)
    return sold_to(lot.terms, lot.state, submission.client_id, price, lot.now)


def _check_price(lot: HotLot, price: int, submission: Submission) -> None:
    if price != submission.maximum:
        unit = currency(lot.row["currency"])
        raise PriceChanged(shown=format_amount(price, unit, submission.locale))
