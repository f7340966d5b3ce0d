"""What the demo's houses do about lots that were not sold, through the same operations as staff.

Who bid on a lot with an even number is asked first, one after the other. Lots with odd numbers, and
what nobody asked took, everybody may have at a price.
"""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import text

from auctionhouse.offers.after_sale import (
    offer_to_everybody,
    offer_to_underbidders,
    underbidders_of,
)
from auctionhouse.offers.answering import Answer, answer_offer
from auctionhouse.offers.choosing import Chooser, choose
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession

HOURS = 1
PRICE_LASTS = timedelta(hours=12)
_UNSOLD = text(
    "SELECT l.id, l.number, coalesce(l.estimate_low, l.opening) AS price, EXISTS (SELECT FROM"
    " lot_offer o WHERE o.lot_id = l.id AND o.kind = 'underbidder') AS asked FROM lot l"
    " JOIN lot_state s ON s.lot_id = l.id JOIN sale e ON e.id = l.sale_id"
    " WHERE e.state = 'closed' AND s.status = 'closed' AND s.outcome = 'unsold'"
    " AND s.format NOT IN ('sealed_pieces', 'choice') AND (s.format <> 'dutch' OR s.pieces = 1)"
    " AND NOT EXISTS (SELECT FROM lot_offer o WHERE o.lot_id = l.id"
    " AND (o.ended_at IS NULL OR o.kind = 'everybody')) ORDER BY l.id"
)
_TO_CHOOSE = text(
    "SELECT o.lot_id, o.client_id, c.member_id, l.quantity FROM lot_offer o"
    " JOIN lot l ON l.id = o.lot_id JOIN client c ON c.id = o.client_id"
    " WHERE o.kind = 'choosing' AND o.ended_at IS NULL AND c.email LIKE '%@simulated.example'"
    " ORDER BY o.id"
)
_OPEN = text(
    "SELECT id, kind, amount FROM lot_offer WHERE sale_id = :sale AND ended_at IS NULL"
    " ORDER BY id DESC"
)
_OWNER = text(
    "SELECT min(p.member_id) FROM member_role p JOIN role r ON r.id = p.role_id"
    " WHERE r.name = 'owner'"
)


def offer_unsold(session: HouseSession) -> None:
    """Offer what closed sales did not sell once more."""
    until = database_now(session) + PRICE_LASTS
    for lot in session.execute(_UNSOLD).all():
        in_turn = not lot.asked and lot.number % 2 == 0
        if in_turn and any(one.may_buy for one in underbidders_of(session, lot.id)):
            offer_to_underbidders(session, lot.id, hours=HOURS, actor=None)
        else:
            offer_to_everybody(session, lot.id, price=lot.price, until=until, actor=None)


def choose_for_simulated(session: HouseSession) -> None:
    """Let simulated bidders who won the right to choose take every second piece."""
    for one in session.execute(_TO_CHOOSE).all():
        chooser = Chooser(one.client_id, one.member_id, uuid4())
        choose(session, one.lot_id, range(1, one.quantity + 1, 2), chooser)


def end_offers(session: HouseSession, sale_id: int) -> None:
    """End a sale's open offers before it is put away: nobody could answer them afterwards.

    Who waits in line goes first, so that nobody is asked at the last moment.
    """
    owner = session.scalar(_OWNER)
    for offer in session.execute(_OPEN, {"sale": sale_id}).all():
        act = "decline" if offer.kind == "conditional" else "withdraw"
        answer_offer(session, offer.id, Answer("house", act, offer.amount, owner))
