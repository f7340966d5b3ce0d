"""The database goes away and comes back: streams stay open, and lots close by themselves."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.outbox import announce
from auctionxchange.sandbox.postgres import EmbeddedPostgres, free_port
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.migration import migrate_platform
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import set_up
from factories.houses import make_house
from factories.live import following, running_gateway, running_worker, token_for
from factories.sales import make_open_sale

PATIENCE_SECONDS = 60


class OwnServer(EmbeddedPostgres):
    """A server that comes back at the same port."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._port = free_port()

    def _options(self) -> str:
        return f"{super()._options()} -c port={self._port}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    made = OwnServer(tmp_path / "server")
    made.start()
    yield made
    made.erase()


@pytest.fixture
def own(server: OwnServer, tmp_path: Path) -> Iterator[tuple[Settings, Database, House]]:
    """An installation with one house on a server of its own."""
    addresses = set_up(server.url, "ax")
    migrate_platform(addresses.database_admin_url)
    settings = Settings(
        database_url=addresses.database_url,
        secret_key=secrets.token_urlsafe(48),
        public_url="http://localhost:8000",
        environment="test",
        media_root=tmp_path / "media",
    )
    engine = owner_engine(addresses.database_admin_url)
    make_house(engine, seed_house, slug="ash")
    engine.dispose()
    database = Database(settings.database_url, secret_key=settings.secret_key)
    house = Directory(database, settings).by_slug("ash")
    assert house is not None
    yield settings, database, house
    database.dispose()


def test_gateway_and_worker_go_on_after_a_restart(
    server: OwnServer, own: tuple[Settings, Database, House], tmp_path: Path
) -> None:
    settings, database, house = own
    with (
        running_gateway(settings, tmp_path) as gateway,
        running_worker(settings, free_port(), tmp_path / "worker.log") as worker,
    ):
        token = token_for(settings, house, "sale:1", "sale:99")
        with following(gateway, "ash.localhost:8000", token) as stream:
            stream.until("clock")
            _wait(lambda: _serves(database), tmp_path / "worker.log")
            with database.house_session(house) as session, session.begin():
                sale = make_open_sale(session, reference="r", lasts=timedelta(seconds=3))
            server.stop()
            time.sleep(3)
            server.start()
            _say(database, house)
            while stream.message()["type"] != "notice":
                pass
        lot = sale.lots[0]
        _wait(lambda: _status(database, house, lot) == "closed", tmp_path / "worker.log")
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0


def _wait(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.1)


def _serves(database: Database) -> bool:
    with database.platform_connection() as connection:
        query = text("SELECT count(*) FROM exchange.service_heartbeat WHERE name = 'worker'")
        return bool(connection.execute(query).scalar_one())


def _say(database: Database, house: House) -> None:
    for _ in range(10):
        try:
            with database.house_connection(house) as connection:
                announce(connection, "sale:99", {"type": "notice"})
        except OperationalError:
            time.sleep(0.2)
        else:
            return


def _status(database: Database, house: House, lot: int) -> str:
    with database.house_connection(house) as connection:
        query = text("SELECT status FROM lot_state WHERE lot_id = :lot")
        return str(connection.execute(query, {"lot": lot}).scalar_one())
