"""In which language a client reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionxchange.i18n.choice import with_country
from auctionxchange.tenancy.current import current_house

_WISH = text(
    "SELECT m.locale FROM client c JOIN member m ON m.id = c.member_id WHERE c.id = :client"
)


def locale_of(session: Session, client_id: int) -> str:
    """Return the locale a client reads in: their account's, else the house's own."""
    house = current_house()
    offered = {house.language, *house.languages}
    wish = session.execute(_WISH, {"client": client_id}).scalar()
    return with_country(wish if wish in offered else house.language, house.country)


@contextmanager
def read_by(session: Session, client_id: int) -> Iterator[None]:
    """Say and write everything in a block as a client reads it."""
    with force_locale(locale_of(session, client_id)):
        yield
