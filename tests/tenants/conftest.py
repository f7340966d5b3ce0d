"""Staff and bidders signed in at oak through the whole application."""

from collections.abc import Callable, Iterator

import pytest
from wsgi import build_application

from auctionhouse.storefront import bid_door, bid_views, door_keys
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy import directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.desks import Desk
from factories.visitors import make_member, visit


@pytest.fixture
def work(database: Database, oak: House) -> Iterator[HouseSession]:
    """A session whose commits the application sees."""
    with database.house_session(oak) as session:
        yield session
        session.rollback()


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def desk_of(
    web: Application, settings: Settings, database: Database, oak: House
) -> Callable[..., Desk]:
    def signed_in(*roles: str) -> Desk:
        visitor = visit(web, settings, oak)
        visitor.sign_in(make_member(database, oak, roles=roles))
        assert visitor.signed_in
        return Desk(visitor)

    return signed_in


@pytest.fixture
def clerk(desk_of: Callable[..., Desk]) -> Desk:
    return desk_of("clerk")


@pytest.fixture
def owner(desk_of: Callable[..., Desk]) -> Desk:
    return desk_of("owner")


@pytest.fixture
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let houses and sales be remembered for longer than any test takes, and bids be many."""
    monkeypatch.setattr(directory, "TTL_SECONDS", 3600)
    monkeypatch.setattr(door_keys, "LOTS_KNOWN_SECONDS", 3600)
    for module in (bid_door, bid_views):
        monkeypatch.setattr(module, "BIDS_A_MINUTE", "100000/minute")
