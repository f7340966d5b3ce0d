"""Rate limits keyed by house, on the limits library with memory of each process."""

from functools import cache

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from auctionxchange.kernel.database import HasSchema
from auctionxchange.kernel.errors import NoHouse, TooManyRequests

PLATFORM = "platform"


class RateLimits:
    """Counts tries of one kind by one key at one house."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, house: HasSchema | None, name: str, key: str, rate: str) -> None:
        """Count one try; raises TooManyRequests past the rate, such as "10/minute"."""
        if house is None:
            raise NoHouse("a limit was asked without a house")
        self._count(house.schema, name, key, rate)

    def check_platform(self, name: str, key: str, rate: str) -> None:
        """Count one try on the platform's own pages."""
        self._count(PLATFORM, name, key, rate)

    def _count(self, scope: str, name: str, key: str, rate: str) -> None:
        item = _parsed(rate)
        if not self._limiter.hit(item, scope, name, key):
            raise TooManyRequests(retry_after=item.get_expiry())


_parsed = cache(parse)
