"""Offers as their two parties see them; nobody else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.offers.refusals import OfferUnknown
from auctionhouse.offers.rules import OPEN, Actor, acts_of

_COLUMNS = """
    SELECT o.id, o.kind, o.state, o.amount, o.expires_at, o.ended_at, o.made_at, o.place, o.lot_id,
           o.sale_id, o.client_id, l.number::text || l.suffix AS label, l.title, l.maker,
           e.reference, e.title AS sale_title, e.currency, s.ends_at, s.status, s.outcome, s.pieces,
           c.name AS client, r.paddle, clock_timestamp() AS now
    FROM lot_offer o JOIN lot l ON l.id = o.lot_id JOIN sale e ON e.id = o.sale_id
    JOIN lot_state s ON s.lot_id = o.lot_id LEFT JOIN client c ON c.id = o.client_id
    LEFT JOIN registration r ON r.client_id = o.client_id AND r.sale_id = o.sale_id
"""
_TURN = "o.ended_at IS NOT NULL, o.state <> 'with_bidder', o.expires_at, o.id DESC"
_MINE = text(
    f"{_COLUMNS} WHERE o.client_id = :client AND o.kind NOT IN ('conditional', 'choosing')"
    f" AND o.state <> 'waiting' ORDER BY {_TURN} LIMIT 200"
)
_MINE_ON = text(
    f"{_COLUMNS} WHERE o.client_id = :client AND o.lot_id = :lot"
    " AND o.kind NOT IN ('conditional', 'choosing') AND o.state <> 'waiting'"
    " ORDER BY o.id DESC LIMIT 1"
)
_ONE = text(f"{_COLUMNS} WHERE o.id = :offer AND o.kind <> 'choosing'")
_OF_SALE = text(
    f"{_COLUMNS} WHERE o.sale_id = :sale AND o.kind <> 'choosing' ORDER BY o.ended_at IS NOT NULL,"
    " o.state <> 'with_house', l.number, l.suffix, o.place, o.id DESC LIMIT 500"
)
_IN_HAND = text(
    f"{_COLUMNS} WHERE o.ended_at IS NULL AND o.kind <> 'choosing'"
    " ORDER BY o.state <> 'with_house', o.expires_at, o.id LIMIT 500"
)
_OF_LOT = text(
    f"{_COLUMNS} WHERE o.lot_id = :lot AND o.kind <> 'choosing'"
    " ORDER BY o.ended_at IS NOT NULL, o.place, o.id DESC"
)
_STEPS = text(
    "SELECT t.number, t.act, t.actor, t.amount, t.at, m.name AS member FROM lot_offer_step t"
    " LEFT JOIN member m ON m.id = t.member_id WHERE t.offer_id = :offer ORDER BY t.number"
)
_UNTIL = text(
    "SELECT expires_at FROM lot_offer WHERE lot_id = :lot AND kind = 'conditional'"
    " AND ended_at IS NULL"
)
_UNSOLD = text(
    "SELECT l.id, l.number::text || l.suffix AS label, l.title, l.maker, l.reserve, l.estimate_low,"
    " l.estimate_high, s.price, s.bid_count FROM lot l JOIN lot_state s ON s.lot_id = l.id"
    " WHERE l.sale_id = :sale AND s.status = 'closed' AND s.outcome = 'unsold'"
    " AND s.format NOT IN ('sealed_pieces', 'choice') AND (s.format <> 'dutch' OR s.pieces = 1)"
    " AND NOT EXISTS (SELECT FROM lot_offer o"
    " WHERE o.lot_id = l.id AND o.ended_at IS NULL) ORDER BY l.number, l.suffix"
)
_PEOPLE = text(
    "SELECT c.id, c.name, r.paddle FROM client c LEFT JOIN registration r"
    " ON r.client_id = c.id AND r.sale_id = :sale WHERE c.id = ANY(:clients)"
)
_WAITING = text(
    "SELECT count(*) FROM lot_offer WHERE state = 'with_house' AND expires_at > clock_timestamp()"
)


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer with its lot; amounts in minor units of the currency, times in UTC."""

    row: Any

    @property
    def id(self) -> int:
        """Return the offer's number."""
        number: int = self.row.id
        return number

    @property
    def address(self) -> str:
        """Return the path of the lot's page."""
        return f"/sales/{self.row.reference}/lots/{self.row.label}"

    @property
    def open(self) -> bool:
        """Tell whether it can still be answered, or waits for its turn."""
        return self.row.state in OPEN and not self.late

    @property
    def late(self) -> bool:
        """Tell whether its time has passed, whoever has noticed it."""
        expires: datetime | None = self.row.expires_at
        return expires is not None and bool(self.row.now >= expires)

    @property
    def until(self) -> datetime | None:
        """Return until when it is to be answered: a bidder's own offer ends with the lot."""
        expires: datetime | None = self.row.expires_at
        ends: datetime = self.row.ends_at
        return min(expires, ends) if expires is not None and self.row.kind == "best" else expires

    @property
    def state(self) -> str:
        """Return where it stands."""
        return "expired" if self.row.state in OPEN and self.late else str(self.row.state)

    def may(self, act: str, by: Actor) -> bool:
        """Tell whether somebody may do this about it now."""
        return self.open and act in acts_of(self.row.kind, self.row.state, by)


def my_offers(session: Session, client_id: int) -> list[OfferView]:
    """Return a bidder's offers and the house's to them: what they have to answer first."""
    return [OfferView(row) for row in session.execute(_MINE, {"client": client_id})]


def my_offer_on(session: Session, lot_id: int, client_id: int | None) -> OfferView | None:
    """Return the latest offer between a bidder and the house on a lot."""
    if client_id is None:
        return None
    row = session.execute(_MINE_ON, {"client": client_id, "lot": lot_id}).first()
    return None if row is None else OfferView(row)


def my_offer(session: Session, offer_id: int, client_id: int) -> OfferView:
    """Return an offer of a bidder's own, or made to them; raises OfferUnknown."""
    found = offer_view(session, offer_id)
    if found.row.client_id != client_id or found.row.state == "waiting":
        raise OfferUnknown
    return found


def offer_view(session: Session, offer_id: int) -> OfferView:
    """Return an offer for the house; raises OfferUnknown."""
    row = session.execute(_ONE, {"offer": offer_id}).first()
    if row is None:
        raise OfferUnknown
    return OfferView(row)


def offers_of_sale(session: Session, sale_id: int) -> list[OfferView]:
    """Return a sale's offers for the house: what waits for it first."""
    return [OfferView(row) for row in session.execute(_OF_SALE, {"sale": sale_id})]


def offers_in_hand(session: Session) -> list[OfferView]:
    """Return all open offers for the house: what waits for it first, by its time."""
    return [OfferView(row) for row in session.execute(_IN_HAND)]


def offers_on(session: Session, lot_id: int) -> list[OfferView]:
    """Return a lot's offers for the house, the open ones first."""
    return [OfferView(row) for row in session.execute(_OF_LOT, {"lot": lot_id})]


def steps_of(session: Session, offer_id: int) -> Sequence[Any]:
    """Return what was done about an offer, in its order."""
    return session.execute(_STEPS, {"offer": offer_id}).all()


def seller_until(session: Session, lot_id: int) -> datetime | None:
    """Return until when the seller of a lot decides, None where nobody waits for it."""
    found: datetime | None = session.execute(_UNTIL, {"lot": lot_id}).scalar()
    return found


def unsold_lots(session: Session, sale_id: int) -> Sequence[Any]:
    """Return a sale's lots that were not sold and are offered to nobody."""
    return session.execute(_UNSOLD, {"sale": sale_id}).all()


def people_of(session: Session, sale_id: int, clients: Sequence[int]) -> dict[int, Any]:
    """Return names and paddles in a sale, by client."""
    asked = {"sale": sale_id, "clients": list(clients)}
    return {row.id: row for row in session.execute(_PEOPLE, asked)}


def offers_waiting(session: Session) -> int:
    """Return how many offers wait for the house's answer, or its sellers'."""
    count: int = session.execute(_WAITING).scalar_one()
    return count
