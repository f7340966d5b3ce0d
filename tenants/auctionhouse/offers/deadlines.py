"""Offers whose time has passed, ended by the worker: once each, whoever tries, late or twice.

Whoever answers at or after that time is told so, whether or not the worker has been here.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionhouse.offers.after_sale import end_everybody
from auctionhouse.offers.choosing import KIND as CHOOSING
from auctionhouse.offers.choosing import give_the_first
from auctionhouse.offers.conditions import decide
from auctionhouse.offers.holding import hold_offer, take_step, tell_later
from auctionhouse.offers.line import move_up
from auctionhouse.offers.rules import OPEN
from auctionxchange.kernel.database import Database, HasSchema
from auctionxchange.kernel.logs import logger

BATCH = 50
_DUE = text(
    "SELECT id FROM lot_offer WHERE ended_at IS NULL AND expires_at <= clock_timestamp()"
    " ORDER BY expires_at, id LIMIT :limit"
)
_NEXT = text(
    "SELECT extract(epoch FROM min(expires_at) - clock_timestamp()) FROM lot_offer"
    " WHERE ended_at IS NULL"
)
_log = logger("offers")


def seconds_to_next_deadline(connection: Connection) -> float | None:
    """Return how long until the next offer's time has passed by the database's clock, or None."""
    seconds = connection.execute(_NEXT).scalar()
    return None if seconds is None else float(seconds)


def end_due(database: Database, house: HasSchema) -> int:
    """End the house's offers whose time has passed, each in its own transaction; returns how many.

    One that cannot be ended is logged and keeps no other from ending.
    """
    with database.house_connection(house) as connection:
        due = list(connection.execute(_DUE, {"limit": BATCH}).scalars())
    return sum(_end_alone(database, house, offer_id) for offer_id in due)


def _end_alone(database: Database, house: HasSchema, offer_id: int) -> bool:
    try:
        with database.house_session(house) as session, session.begin():
            return end_offer(session, offer_id)
    except Exception:  # noqa: BLE001 - whatever is wrong with one offer, the next must end
        _log.exception("offer not ended", house=house.schema, offer=offer_id)
        return False


def end_offer(session: Session, offer_id: int) -> bool:
    """End an offer whose time has passed; tells whether it was its time."""
    held = hold_offer(session, offer_id)
    offer = held.offer
    if offer.state not in OPEN or offer.expires_at is None or held.now < offer.expires_at:
        return False
    if offer.kind == "conditional":
        decide(session, held, "expire", "clock", None)
        return True
    if offer.kind == CHOOSING:
        give_the_first(session, held)
        return True
    take_step(session, held, "expire", "clock")
    if offer.kind == "everybody":
        end_everybody(session, held)
        return True
    tell_later(session, offer)
    if offer.kind == "underbidder":
        move_up(session, held)
    return True
