"""A lot's falling clock as its page shows it, at the time the page is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auctionhouse.bidding.dutch.rules import begins_at, falls_at, price_at
from auctionhouse.bidding.ledger import microseconds, moment
from auctionhouse.bidding.rules import Terms

NEXT_PRICES = 8


@dataclass(frozen=True, slots=True)
class FallingClock:
    """What a clock shows, by terms without a reserve; amounts in minor units, times in UTC."""

    terms: Terms
    ends_at: datetime
    now: datetime
    left: int
    """How many pieces nobody has taken yet."""

    @property
    def begins_at(self) -> datetime:
        """Return when it begins to run."""
        return moment(begins_at(self.terms, microseconds(self.ends_at)))

    @property
    def runs(self) -> bool:
        """Tell whether something can be taken at its price."""
        return self.begins_at <= self.now < self.ends_at

    @property
    def price(self) -> int:
        """Return what it shows."""
        return self._price(self.now)

    @property
    def next_prices(self) -> Sequence[tuple[datetime, int]]:
        """Return when it will show what next, as far as a page has room for."""
        found: list[tuple[datetime, int]] = []
        at: datetime | None = max(self.now, self.begins_at)
        if self.now < self.begins_at:
            found.append((self.begins_at, self._price(self.begins_at)))
        while at is not None and len(found) < NEXT_PRICES:
            at = self._falls(at)
            if at is not None:
                found.append((at, self._price(at)))
        return found

    @property
    def every(self) -> int:
        """Return how many milliseconds lie between two steps."""
        return 0 if self.terms.clock is None else self.terms.clock.every // 1000

    @property
    def begins_ms(self) -> int:
        """Return when it begins, in milliseconds since 1970, as scripts count."""
        return microseconds(self.begins_at) // 1000

    def _price(self, at: datetime) -> int:
        return price_at(self.terms, microseconds(self.ends_at), microseconds(at))

    def _falls(self, at: datetime) -> datetime | None:
        falls = falls_at(self.terms, microseconds(self.ends_at), microseconds(at))
        return None if falls is None else moment(falls)
