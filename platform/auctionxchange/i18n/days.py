"""Which day it is at the house."""

from datetime import date

from sqlalchemy.orm import Session

from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.clock import database_now


def house_day(session: Session) -> date:
    """Return today by the database's clock in the house's time zone."""
    return database_now(session).astimezone(house_zone()).date()
