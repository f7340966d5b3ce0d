"""Keeping a refused bid whose transaction was rolled back; the others are kept with their batch."""

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from auctionhouse.bidding.witness import Refused
from auctionhouse.receipts.models import RefusedBid


def keep_refusal(transaction: Connection | Session, refused: Refused | None) -> None:
    """Store what a refused bid met, so that its bidder has a receipt; None met no lot."""
    if refused is not None:
        transaction.execute(insert(RefusedBid).values(refused._asdict()))
