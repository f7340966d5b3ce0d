"""Lots close once when their end has come, whoever looks and whatever else is broken."""

import secrets
import threading
from typing import Any

import pytest
from sqlalchemy import text

from auctionhouse.bidding import closing
from auctionhouse.bidding.closing import close_lot
from auctionhouse.closer import ASK_AGAIN_SECONDS, PAUSE_SECONDS, Closer
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.sales import OpenSale, end_lots_now, make_open_sale

GONE = House(
    schema="t_000000000000", slug="gone", name="Gone", status="active", currency="GBP",
    time_zone="UTC", country="GB", language="en", languages=("en",), theme="base", secret="",
)  # fmt: skip


class Listing(Directory):
    """A directory of these houses alone."""

    def __init__(self, database: Database, settings: Settings, *houses: House) -> None:
        super().__init__(database, settings)
        self._listed = list(houses)

    def all(self) -> list[House]:
        return self._listed


@pytest.fixture
def closer(database: Database, settings: Settings, oak: House) -> Closer:
    return Closer(database, Listing(database, settings, oak))


def publish(database: Database, house: House, **how: Any) -> OpenSale:
    with database.house_session(house) as session, session.begin():
        return make_open_sale(session, reference=f"s{secrets.token_hex(4)}", **how)


def end(database: Database, house: House, sale: OpenSale) -> None:
    with database.house_session(house) as session, session.begin():
        end_lots_now(session, sale.sale_id)
        past = "UPDATE sale SET ends_at = clock_timestamp() - interval '1 second' WHERE id = :id"
        session.execute(text(past), {"id": sale.sale_id})


def ends(database: Database, house: House, sale: OpenSale) -> list[str]:
    """Return how the sale's lots ended, by their ledgers."""
    with database.house_session(house) as session:
        return list(
            session.execute(
                text(
                    "SELECT kind FROM ledger_entry WHERE lot_id = ANY(:lots)"
                    " AND kind IN ('unsold', 'hammer') ORDER BY lot_id"
                ),
                {"lots": sale.lots},
            ).scalars()
        )


def state(database: Database, house: House, sale: OpenSale) -> str:
    with database.house_session(house) as session:
        query = text("SELECT state FROM sale WHERE id = :id")
        return str(session.execute(query, {"id": sale.sale_id}).scalar_one())


def test_two_workers_close_each_lot_once(
    database: Database, settings: Settings, oak: House, closer: Closer
) -> None:
    sale = publish(database, oak, lots=12)
    end(database, oak, sale)
    other = Closer(database, Listing(database, settings, oak))
    threads = [threading.Thread(target=one.look, args=(0.0,)) for one in (closer, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends(database, oak, sale) == ["unsold"] * 12
    assert state(database, oak, sale) == "closed"


def test_what_is_published_is_watched_at_once_and_a_quiet_house_seldom_asked(
    database: Database, oak: House, closer: Closer, monkeypatch: pytest.MonkeyPatch
) -> None:
    closer.look(0.0)
    asked: list[float] = []
    real = closer._ask

    def noted(house: House, now: float) -> Any:
        asked.append(now)
        return real(house, now)

    monkeypatch.setattr(closer, "_ask", noted)
    for tenth in range(1, 100):
        closer.look(tenth / 10)
    assert asked == []
    sale = publish(database, oak)
    end(database, oak, sale)
    closer.look(10.0)
    closer.look(10.0 + PAUSE_SECONDS)
    assert ends(database, oak, sale) == ["unsold"]
    closer.look(11.0 + ASK_AGAIN_SECONDS)
    assert len(asked) >= 2


def test_a_broken_house_keeps_no_other_from_closing(
    database: Database, settings: Settings, oak: House
) -> None:
    """Seen to fail without the guard: the first house's error ended every look."""
    sale = publish(database, oak)
    end(database, oak, sale)
    Closer(database, Listing(database, settings, GONE, oak)).look(0.0)
    assert ends(database, oak, sale) == ["unsold"]


def test_a_broken_lot_keeps_no_other_from_closing(
    database: Database, oak: House, closer: Closer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to fail without the guard: what ended after it stayed open."""
    sale = publish(database, oak, lots=3)
    end(database, oak, sale)
    broken = sale.lots[0]

    def close(connection: Any, lot_id: int) -> str | None:
        if lot_id == broken:
            raise ArithmeticError
        return close_lot(connection, lot_id)

    with monkeypatch.context() as patch:
        patch.setattr(closing, "close_lot", close)
        closer.look(0.0)
    assert ends(database, oak, sale) == ["unsold"] * 2
    closer.look(PAUSE_SECONDS)
    assert ends(database, oak, sale) == ["unsold"] * 3
    assert state(database, oak, sale) == "closed"


def test_a_sale_whose_last_lot_closed_just_before_the_end_of_a_worker_closes_later(
    database: Database, oak: House, closer: Closer
) -> None:
    sale = publish(database, oak)
    end(database, oak, sale)
    with database.house_connection(oak) as connection:
        assert close_lot(connection, sale.lots[0]) == "unsold"
    assert state(database, oak, sale) == "published"
    # Whatever else is open in this house belongs to other tests; their sales stay as they are.
    assert closing.close_due(database, oak) == 0
    assert state(database, oak, sale) == "closed"


def test_a_suspended_houses_lots_wait(database: Database, settings: Settings, oak: House) -> None:
    sale = publish(database, oak)
    end(database, oak, sale)
    fields = {name: getattr(oak, name) for name in oak.__slots__}
    away = House(**fields | {"status": "suspended"})
    Closer(database, Listing(database, settings, away)).look(0.0)
    assert ends(database, oak, sale) == []
    Closer(database, Listing(database, settings, oak)).look(0.0)
    assert ends(database, oak, sale) == ["unsold"]
