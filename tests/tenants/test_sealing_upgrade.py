"""What was stored before there was sealing is read after the upgrade, and sealed when it moves."""

import io
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from auctionhouse.bidding.book import Book
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.sealing import Seal
from auctionxchange.tenancy.histories import HOUSES, history
from auctionxchange.tenancy.provisioning import owner_engine

REVISION = "0002"


def script(*spans: str) -> str:
    """Compile a part of the houses' history."""
    buffer = io.StringIO()
    config = history(HOUSES)
    config.output_buffer = buffer
    for span in spans:
        command.upgrade(config, span, sql=True)
    return buffer.getvalue()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = owner_engine(settings.database_admin_url or "")
    yield made
    made.dispose()


def test_amounts_from_before_are_kept_and_read(engine: Engine) -> None:
    before = ScriptDirectory.from_config(history(HOUSES)).get_revision(REVISION).down_revision
    assert isinstance(before, str)
    raw = engine.raw_connection()
    driver: Any = raw.driver_connection
    with driver.cursor() as cursor:
        schema = f"t_{secrets.token_hex(8)}"
        cursor.execute(f'CREATE SCHEMA "{schema}"; SET LOCAL search_path = "{schema}"')
        cursor.execute(script(before))
        cursor.execute(
            "INSERT INTO sale (reference, title, currency, starts_at, ends_at, state) VALUES"
            " ('s', 'S', 'GBP', now(), now() + interval '1 hour', 'published') RETURNING id"
        )
        sale = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO lot (sale_id, number, title, opening) VALUES (%s, 1, 'L', 1000)"
            " RETURNING id", (sale,),
        )  # fmt: skip
        lot = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO lot_state (lot_id, sale_id, status, starts_at, ends_at,"
            " scheduled_ends_at, asking, reserve_met, chain_head, last_at, secret, maximum,"
            " second_maximum) VALUES (%s, %s, 'open', now(), now(), now(), 1, true, '', now(), '',"
            " 7654321, NULL)", (lot, sale),
        )  # fmt: skip
        cursor.execute(script(f"{before}:{REVISION}"))
        cursor.execute("SELECT maximum, second_maximum FROM lot_state")
        maximum, second = cursor.fetchone()
    raw.rollback()
    raw.close()
    book = Book(Seal(bytes(32)), lot)
    assert (book.open(maximum), book.open(second)) == (7654321, None)
