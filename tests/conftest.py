"""One database a test worker, two houses made once, a savepoint around each test."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from werkzeug.test import Client
from wsgi import build_application

from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession, PlatformSession
from auctionxchange.kernel.logs import configure_logs
from auctionxchange.sandbox.postgres import EmbeddedPostgres
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.migration import migrate_platform
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import Addresses, set_up
from factories.houses import make_house

configure_logs("json")

# How long an example takes says how busy the machine is, so no test fails by it. The same commit
# is checked by the same examples everywhere; HYPOTHESIS_PROFILE=search looks for new ones.
_untimed = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("steady", _untimed, derandomize=True)
hypothesis_settings.register_profile("search", _untimed, max_examples=1_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches PostgreSQL: tests that ask for the server, or start one of their own."""
    for item in items:
        starts_one = "EmbeddedPostgres" in vars(getattr(item, "module", None) or object)
        if starts_one or "superuser_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def superuser_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: TEST_DATABASE_URL's, or an embedded one of this worker's own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def addresses(superuser_url: str) -> Addresses:
    """An installation of its own name, so that workers may share a server."""
    made = set_up(superuser_url, f"ax_{secrets.token_hex(4)}")
    migrate_platform(made.database_admin_url)
    return made


@pytest.fixture(scope="session")
def settings(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a plain-http installation at localhost:8000."""
    return Settings(
        database_url=addresses.database_url,
        database_admin_url=addresses.database_admin_url,
        secret_key=secrets.token_urlsafe(48),
        public_url="http://localhost:8000",
        environment="test",
        media_root=tmp_path_factory.mktemp("media"),
    )


@pytest.fixture(scope="session")
def database(settings: Settings) -> Iterator[Database]:
    """The pool the tests share."""
    made = Database(settings.database_url, secret_key=settings.secret_key)
    yield made
    made.dispose()


@pytest.fixture
def directory(database: Database, settings: Settings) -> Directory:
    """A directory that remembers nothing yet."""
    return Directory(database, settings)


@pytest.fixture(scope="session")
def two_houses(addresses: Addresses, database: Database, settings: Settings) -> tuple[House, House]:
    """Two houses made once: oak (GBP, English first) and elm (EUR, French first)."""
    engine = owner_engine(addresses.database_admin_url)
    oak = make_house(engine, seed_house, slug="oak", language="en", currency="GBP")
    elm = make_house(engine, seed_house, slug="elm", language="fr", currency="EUR")
    directory = Directory(database, settings)
    found = directory.by_schema(oak), directory.by_schema(elm)
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


@pytest.fixture(scope="session")
def oak(two_houses: tuple[House, House]) -> House:
    """The first house."""
    return two_houses[0]


@pytest.fixture(scope="session")
def elm(two_houses: tuple[House, House]) -> House:
    """The second house."""
    return two_houses[1]


@pytest.fixture
def oak_session(database: Database, oak: House) -> Iterator[HouseSession]:
    """A session on oak whose work is undone after the test; commits inside are savepoints."""
    with database.house_session(oak) as session:
        session.begin()
        session.begin_nested()
        yield session
        session.rollback()


@pytest.fixture
def platform_session(database: Database) -> Iterator[PlatformSession]:
    """A session on the shared tables whose work is undone after the test."""
    with database.platform_session() as session:
        session.begin()
        yield session
        session.rollback()


@pytest.fixture(scope="session")
def application(settings: Settings, database: Database) -> Client:
    """The whole web application behind its resolver; pass headers={"Host": …}."""
    return Client(build_application(settings, database))


@pytest.fixture(autouse=True)
def _nothing_written_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a HOME of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
