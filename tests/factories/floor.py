"""One open sale for the tests of bidding: bids in their own transactions, and what they wrote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from auctionhouse.bidding import queries
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.purchases import Purchase, place_purchase
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.sales import OpenSale, end_lots_now, make_open_sale

_STATE = text("SELECT * FROM lot_state WHERE lot_id = :lot")


@dataclass(frozen=True, slots=True)
class Floor:
    """One open sale at a house, and the database it is in."""

    database: Database
    house: House
    sale: OpenSale

    @property
    def reference(self) -> str:
        """Return the sale's short name."""
        with self.database.house_connection(self.house) as connection:
            query = text("SELECT reference FROM sale WHERE id = :id")
            name: str = connection.execute(query, {"id": self.sale.sale_id}).scalar_one()
        return name

    def bid(
        self,
        bidder: int,
        maximum: int,
        *,
        token: UUID | None = None,
        lot: int = 0,
        pieces: int = 1,
    ) -> BidResult:
        """Place a bid of the numbered bidder, committed when this returns."""
        client, member = self.sale.bidders[bidder]
        with self.database.house_connection(self.house) as connection:
            return place_bid(
                connection,
                lot_id=self.sale.lots[lot],
                client_id=client,
                placed_by_member_id=member,
                maximum=maximum,
                token=token or uuid4(),
                pieces=pieces,
            )

    def buy(self, bidder: int, price: int, *, token: UUID | None = None, lot: int = 0) -> Purchase:
        """Have the numbered bidder buy a lot at once, committed when this returns."""
        client, member = self.sale.bidders[bidder]
        with self.database.house_connection(self.house) as connection:
            return place_purchase(
                connection,
                lot_id=self.sale.lots[lot],
                client_id=client,
                placed_by_member_id=member,
                price=price,
                token=token or uuid4(),
            )

    def end(self) -> None:
        """Let the end of every lot have come a second ago."""
        with self.database.house_session(self.house) as session:
            end_lots_now(session, self.sale.sale_id)
            session.commit()

    def run(self, statement: str, **values: Any) -> None:
        """Run one statement in its own transaction."""
        with self.database.house_connection(self.house) as connection:
            connection.execute(text(statement), values)

    def state(self, lot: int = 0) -> Any:
        """Return a lot's state as stored."""
        with self.database.house_connection(self.house) as connection:
            return connection.execute(_STATE, {"lot": self.sale.lots[lot]}).one()

    def ends_at(self, lot: int = 0) -> datetime:
        """Return when a lot ends."""
        end: datetime = self.state(lot).ends_at
        return end

    def entries(self, lot: int = 0) -> list[str]:
        """Return the kinds of a lot's entries, whose chain must hold."""
        with self.database.house_session(self.house) as session:
            assert queries.verify_lot(session, self.sale.lots[lot]) == []
            return [line.kind for line in queries.lot_entries(session, self.sale.lots[lot])]


def make_floor(database: Database, house: House, **sale: Any) -> Floor:
    """Publish a sale with equal lots and three bidders who are registered for it."""
    with database.house_session(house) as session:
        made = make_open_sale(
            session, **{"reference": f"s-{uuid4().hex[:8]}", "bidders": 3, **sale}
        )
        session.commit()
    return Floor(database, house, made)
