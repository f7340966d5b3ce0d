"""Rate limits keyed by house: a moving window in the memory of each process."""

import time
from collections import deque
from functools import cache
from threading import Lock

from limits import parse

from auctionxchange.kernel.database import HasSchema
from auctionxchange.kernel.errors import NoHouse, TooManyRequests

LARGEST = 100_000
"""Keys remembered; past it those whose windows are over are forgotten."""

_Key = tuple[str, str, str, str]


class RateLimits:
    """Counts tries of one kind by one key at one house."""

    def __init__(self) -> None:
        self._tries: dict[_Key, deque[float]] = {}
        self._lock = Lock()

    def check(self, house: HasSchema | None, name: str, key: str, rate: str) -> None:
        """Count one try; raises TooManyRequests past the rate, such as "10/minute"."""
        if house is None:
            raise NoHouse("a limit was asked without a house")
        self._count((house.schema, name, key, rate))

    def _count(self, key: _Key) -> None:
        most, seconds = _parsed(key[3])
        now = time.monotonic()
        with self._lock:
            tries = self._tries.get(key)
            if tries is None:
                self._forget(now)
                tries = self._tries[key] = deque()
            while tries and tries[0] <= now - seconds:
                tries.popleft()
            if len(tries) >= most:
                raise TooManyRequests(retry_after=seconds)
            tries.append(now)

    def _forget(self, now: float) -> None:
        """Make room once in a while; a key that counts again begins anew."""
        if len(self._tries) <= LARGEST:
            return
        over = [
            key for key, tries in self._tries.items()
            if not tries or tries[-1] <= now - _parsed(key[3])[1]
        ]  # fmt: skip
        for key in over:
            del self._tries[key]


@cache
def _parsed(rate: str) -> tuple[int, int]:
    """Return how many tries a rate allows, and in how many seconds."""
    item = parse(rate)
    return item.amount, item.get_expiry()
