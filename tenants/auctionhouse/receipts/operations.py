"""Keeping a refused bid whose transaction was rolled back; the others are kept with their batch."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from auctionhouse.bidding.witness import Refused
from auctionhouse.receipts.models import RefusedBid


def keep_refusal(session: Session, refused: Refused | None) -> None:
    """Store what a refused bid met, so that its bidder has a receipt; None met no lot."""
    if refused is not None:
        session.execute(insert(RefusedBid).values(refused._asdict()))
