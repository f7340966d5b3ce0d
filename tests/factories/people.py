"""Bidders of a floor at their browsers."""

from sqlalchemy import text

from auctionxchange.kernel.config import Settings
from auctionxchange.tenancy.resolver import Application
from factories.floor import Floor
from factories.visitors import HASH, PASSWORD, Visitor, visit


def sign_in_bidder(
    application: Application, settings: Settings, floor: Floor, number: int
) -> Visitor:
    """Open the browser of a numbered bidder, signed in."""
    with floor.database.house_connection(floor.house) as connection:
        email = connection.execute(
            text(
                "UPDATE member SET confirmed_at = now(), password = :hash WHERE id = :id"
                " RETURNING email"
            ),
            {"id": floor.sale.bidders[number][1], "hash": HASH},
        ).scalar_one()
    visitor = visit(application, settings, floor.house)
    visitor.submit("/sign-in", {"email": email, "password": PASSWORD})
    assert visitor.signed_in
    return visitor
