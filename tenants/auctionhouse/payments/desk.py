"""Where one house's payments are dealt with: its database, its house and the way to Stripe.

Stripe is never called inside a transaction: what is intended is committed first, then Stripe is
asked, then what came of it is committed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.payments.gateway import StripeGateway
from auctionxchange.tenancy.house import House


@dataclass(frozen=True, slots=True)
class Desk:
    """A house's cashier's desk."""

    settings: Settings
    database: Database
    house: House
    gateway: StripeGateway

    @contextmanager
    def writing(self) -> Iterator[HouseSession]:
        """Run one transaction of the house."""
        with self.database.house_session(self.house) as session, session.begin():
            yield session
