"""Offers on the lots of a floor: made and answered in transactions of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from auctionhouse.bidding.submissions import Submission
from auctionhouse.offers.after_sale import offer_to_everybody, offer_to_underbidders
from auctionhouse.offers.answering import Answer, answer_offer
from auctionhouse.offers.making import Made, make_offer
from auctionxchange.kernel.clock import database_now
from factories.floor import Floor

_OFFER = text("SELECT * FROM lot_offer WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Haggle:
    """The offers on a floor's lots."""

    floor: Floor

    def offer(
        self, bidder: int, amount: int, *, lot: int = 0, token: UUID | None = None,
        confirmed: bool = True,
    ) -> Made:  # fmt: skip
        """Make an offer of the numbered bidder."""
        client, member = self.floor.sale.bidders[bidder]
        submission = Submission(client, member, amount, token or uuid4(), "en", confirmed=confirmed)
        with self.floor.database.house_session(self.floor.house) as session, session.begin():
            return make_offer(session, self.floor.sale.lots[lot], submission)

    def house(self, offer_id: int, act: str, **more: Any) -> str:
        """Answer for the house; returns the offer's state."""
        return self._answer(offer_id, Answer("house", act, self._amount(offer_id, more), 1, **more))

    def bidder(self, bidder: int, offer_id: int, act: str, **more: Any) -> str:
        """Answer for the numbered bidder; returns the offer's state."""
        client, member = self.floor.sale.bidders[bidder]
        amount = self._amount(offer_id, more)
        return self._answer(
            offer_id, Answer("bidder", act, amount, member, client_id=client, **more)
        )

    def underbidders(self, *, lot: int = 0, hours: int = 24, **more: Any) -> list[int]:
        """Offer an unsold lot to those who bid on it."""
        with self.floor.database.house_session(self.floor.house) as session, session.begin():
            return offer_to_underbidders(
                session, self.floor.sale.lots[lot], hours=hours, actor=1, **more
            )

    def everybody(self, price: int, until: datetime | None = None, *, lot: int = 0) -> int:
        """Offer an unsold lot to everybody, for two days unless told otherwise."""
        with self.floor.database.house_session(self.floor.house) as session, session.begin():
            until = until or database_now(session) + timedelta(days=2)
            return offer_to_everybody(
                session, self.floor.sale.lots[lot], price=price, until=until, actor=1
            )

    def row(self, offer_id: int) -> Any:
        """Return an offer as stored."""
        with self.floor.database.house_connection(self.floor.house) as connection:
            return connection.execute(_OFFER, {"id": offer_id}).one()

    def state(self, offer_id: int) -> str:
        """Return an offer's state."""
        state: str = self.row(offer_id).state
        return state

    def pass_time(self, offer_id: int) -> None:
        """Let the time to answer an offer have passed a second ago."""
        self.floor.run(
            "UPDATE lot_offer SET expires_at = clock_timestamp() - interval '1 second'"
            " WHERE id = :id", id=offer_id,
        )  # fmt: skip

    def _amount(self, offer_id: int, more: dict[str, Any]) -> int:
        seen: int = more.pop("seen", None) or self.row(offer_id).amount
        return seen

    def _answer(self, offer_id: int, answer: Answer) -> str:
        with self.floor.database.house_session(self.floor.house) as session, session.begin():
            return answer_offer(session, offer_id, answer).state
