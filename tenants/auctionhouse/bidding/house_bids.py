"""The house's bids for the seller: below the reserve, where the sale's terms say so.

They are bids of one client that stands for the house, placed by a member of staff, and go the way
of every bid; the guards hold them below the reserve.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.deciding_again import story_of
from auctionhouse.bidding.guard_errors import HouseBidStands
from auctionhouse.bidding.hot_lot import HotLot
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.redecide import standing

_FIND = text("SELECT id FROM client WHERE for_house")
_MAKE = text(
    "INSERT INTO client (name, for_house) VALUES ('House', true)"
    " ON CONFLICT (for_house) WHERE for_house DO NOTHING"
)


def house_client(session: Session) -> int:
    """Return the client that stands for the house, made when it is first needed."""
    found: int | None = session.execute(_FIND).scalar()
    if found is None:
        session.execute(_MAKE)
        found = int(session.execute(_FIND).scalar_one())
    return found


def place_house_bid(
    session: Session, lot_id: int, maximum: int, *, actor: int, token: UUID, locale: str = "en"
) -> BidResult:
    """Bid for the seller, in minor units; raises HouseBidRefused and what place_bid raises."""
    placed = place_bid(
        session, lot_id=lot_id, client_id=house_client(session), placed_by_member_id=actor,
        maximum=maximum, token=token, locale=locale,
    )  # fmt: skip
    audit.record(session, "bid.house", f"lot:{lot_id}", actor=actor, bid=placed.sequence)
    return placed


def keep_above_house_bids(session: Session, lot: HotLot, reserve: int | None) -> None:
    """Raise HouseBidStands for a reserve that a standing bid of the house would reach."""
    house = session.execute(_FIND).scalar()
    if house is None:
        return
    story = story_of(session, lot)
    highest = max(
        (bid.maximum for bid in standing(story.events, story.cancelled) if bid.who == house),
        default=None,
    )
    if highest is not None and (reserve is None or reserve <= highest):
        raise HouseBidStands
