"""Buyer's choice: bid for as in timed bidding, and won is the right to choose among the pieces."""

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding import timed
from auctionhouse.bidding.awards import drop_awards
from auctionhouse.bidding.hammer import let_the_hammer_fall
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.lot_offers import leave_to_winner


def close(connection: Connection | Session, lot: HotLot) -> None:
    """Let who leads choose, if the reserve is met, else leave the lot unsold."""
    if lot.state.leader is not None and lot.state.reserve_met:
        leave_to_winner(connection, lot)
    else:
        let_the_hammer_fall(lot)


def reopen(session: Session, lot: HotLot) -> tuple[set[int], list[int]]:
    """Put a held lot where its bids left it, with nothing chosen."""
    drop_awards(session, lot.lot_id)
    return timed.reopen(session, lot)
