"""The house the running code acts for, bound once at the door and never switched."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from auctionxchange.kernel.errors import HouseSwitched, NoHouse
from auctionxchange.tenancy.house import House

_bound: ContextVar[House | None] = ContextVar("auctionxchange_house", default=None)


def current_house() -> House:
    """Return the house this request, job or command acts for; raises NoHouse."""
    house = _bound.get()
    if house is None:
        raise NoHouse("no house is bound")
    return house


def bound_house() -> House | None:
    """Return the bound house, or None on the platform's own pages."""
    return _bound.get()


@contextmanager
def acting_for(house: House) -> Iterator[House]:
    """Bind a house for a block; raises HouseSwitched inside another house's block."""
    current = _bound.get()
    if current is not None and current.schema != house.schema:
        raise HouseSwitched(f"{current.schema} is bound; {house.schema} may not be")
    token = _bound.set(house)
    try:
        with structlog.contextvars.bound_contextvars(house=house.slug):
            yield house
    finally:
        _bound.reset(token)
