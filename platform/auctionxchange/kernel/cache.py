"""A small in-process cache that cannot be asked without a house.

Entries are keyed by house and by versions that are part of the key, so nothing is ever cleared:
what is outdated is simply no longer asked for and falls out.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from auctionxchange.kernel.database import HasSchema
from auctionxchange.kernel.errors import NoHouse

Value = TypeVar("Value")


class HouseCache:
    """Keeps the most recently used values, at most a given number in all."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._values: OrderedDict[tuple[str, Hashable], Any] = OrderedDict()
        self._lock = Lock()

    def get(self, house: HasSchema | None, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value for a key of one house, made once; raises NoHouse without a house."""
        if house is None:
            raise NoHouse("the cache was asked without a house")
        full = (house.schema, key)
        with self._lock:
            if full in self._values:
                self._values.move_to_end(full)
                found: Value = self._values[full]
                return found
        value = make()
        self._keep(full, value)
        return value

    def peek(self, house: HasSchema | None, key: Hashable) -> Any:
        """Return the value for a key of one house if there is one, else None."""
        if house is None:
            raise NoHouse("the cache was asked without a house")
        with self._lock:
            return self._values.get((house.schema, key))

    def _keep(self, full: tuple[str, Hashable], value: Any) -> None:
        with self._lock:
            self._values[full] = value
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
