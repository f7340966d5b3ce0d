"""Houses for tests."""

import secrets

from sqlalchemy import Engine

from auctionhouse import models  # noqa: F401 - so that every table is known
from auctionxchange.kernel.database import HouseBase
from auctionxchange.tenancy.provisioning import NewHouse, Seed, create_house


def make_house(
    engine: Engine,
    seed: Seed,
    *,
    slug: str | None = None,
    language: str = "en",
    currency: str = "GBP",
    theme: str = "base",
) -> str:
    """Make a house and return its schema; without a slug it gets a random one."""
    name = slug or f"h{secrets.token_hex(5)}"
    new = NewHouse(
        slug=name,
        name=f"House of {name.title()}",
        currency=currency,
        time_zone="Europe/London" if currency == "GBP" else "Europe/Paris",
        country="GB" if currency == "GBP" else "FR",
        language=language,
        languages=("en", "fr"),
        owner_email=f"owner@{name}.example",
        theme=theme,
    )
    return create_house(engine, new, seed, actor="test")


def copy_house(engine: Engine, seed: Seed, source: str, *, slug: str | None = None) -> str:
    """Copy a house's rows, ids and all, into a new house, which has a secret of its own."""
    copy = make_house(engine, seed, slug=slug)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'SET LOCAL search_path = "{copy}"')
        tables = [table.name for table in HouseBase.metadata.sorted_tables]
        connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)}")
        for table in HouseBase.metadata.sorted_tables:
            # What the triggers hold is true of the source already.
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
            names = ", ".join(column.name for column in table.columns if column.computed is None)
            connection.exec_driver_sql(
                f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE"
                f' SELECT {names} FROM "{source}".{table.name}'
            )
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
    return copy
