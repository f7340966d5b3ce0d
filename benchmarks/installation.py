"""A throw-away installation to measure: an embedded server, durable as in production."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, driver_url
from auctionxchange.sandbox.postgres import EmbeddedPostgres
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.migration import migrate_platform
from auctionxchange.tenancy.provisioning import NewHouse, create_house, owner_engine
from auctionxchange.tenancy.setup import Addresses, set_up


@dataclass(frozen=True, slots=True)
class Installation:
    """What a benchmark works on."""

    settings: Settings
    addresses: Addresses
    database: Database
    house: House
    postgres: str
    superuser_url: str
    folder: Path


@contextmanager
def installation() -> Iterator[Installation]:
    """Make an installation with one house and remove it afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="bench") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        addresses = set_up(server.url, "bench")
        migrate_platform(addresses.database_admin_url)
        settings = Settings(
            database_url=addresses.database_url,
            database_admin_url=addresses.database_admin_url,
            secret_key=secrets.token_urlsafe(48),
            public_url="http://localhost:8000",
            environment="test",
            media_root=Path(folder) / "media",
        )
        database = Database(
            addresses.database_url,
            secret_key=settings.secret_key,
            pool_size=8,
            max_overflow=40,
        )
        house = new_house(addresses, database, settings, "oak")
        version = _version(server.url)
        try:
            yield Installation(
                settings, addresses, database, house, version, server.url, Path(folder)
            )
        finally:
            database.dispose()
        server.erase()


def new_house(addresses: Addresses, database: Database, settings: Settings, slug: str) -> House:
    """Make a house and return it."""
    engine = owner_engine(addresses.database_admin_url)
    new = NewHouse(
        slug=slug,
        name=slug.title(),
        currency="GBP",
        time_zone="Europe/London",
        country="GB",
        language="en",
        languages=("en", "fr"),
        owner_email=f"owner@{slug}.example",
        theme="manor",
    )
    schema = create_house(engine, new, seed_house, actor="benchmark")
    engine.dispose()
    house = Directory(database, settings).by_schema(schema)
    assert house is not None
    return house


def _version(url: str) -> str:
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        version: str = connection.execute(text("SHOW server_version")).scalar_one()
    engine.dispose()
    return version
