"""Downtime is measured by heartbeats and given back to open lots, once, before anything closes."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from wsgi import build_application

from auctionhouse.bidding import conduct, outages, published, queries
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.outage_rule import OutageRuleInvalid, check_outage_rule
from auctionhouse.bidding.outages import account_outages, outages_of
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.catalogue.models import Sale
from auctionhouse.closer import Closer
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.heartbeats import (
    GAP_SECONDS,
    WEB,
    beat,
    keep_beating,
    last_beat,
    latest_outage,
)
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from factories.catalogue import make_sale
from factories.floor import Floor, make_floor
from factories.visitors import make_member, visit

STEP = {"increments": [[0, 1000]]}
MINUTE = timedelta(minutes=1)


class Service:
    """Writes heartbeats and gaps as if time had passed."""

    def __init__(self, settings: Settings) -> None:
        self._engine = owner_engine(settings.database_admin_url or "")

    def run(self, statement: str, **values: Any) -> Any:
        with self._engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.first() if result.returns_rows else None

    def now(self) -> datetime:
        now: datetime = self.run("SELECT clock_timestamp()")[0]
        return now

    def gap(self, began: datetime, back: datetime) -> int:
        number: int = self.run(
            "INSERT INTO exchange.service_outage (name, from_at, until_at)"
            " VALUES ('web', :began, :back) RETURNING id", began=began, back=back,
        )[0]  # fmt: skip
        return number

    def seen(self, at: datetime) -> None:
        self.run(
            "INSERT INTO exchange.service_heartbeat (name, at) VALUES ('web', :at)"
            " ON CONFLICT (name) DO UPDATE SET at = :at", at=at,
        )  # fmt: skip

    def forget(self) -> None:
        self.run("DELETE FROM exchange.service_outage")
        self.run("DELETE FROM exchange.service_heartbeat")


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    made = Service(settings)
    made.forget()
    yield made
    made.forget()


def floor_with(
    database: Database, house: House, settings: Settings, rule: Any, **how: Any
) -> Floor:
    """Publish a sale under an outage rule that began an hour ago by its tables."""
    floor = make_floor(
        database, house, terms={**STEP, "outage": rule}, started=2 * 60 * MINUTE, **how
    )
    with owner_engine(settings.database_admin_url or "").begin() as connection:
        connection.exec_driver_sql(f'SET LOCAL search_path = "{house.schema}"')
        connection.execute(
            text("UPDATE ledger_entry SET at = at - interval '1 hour' WHERE lot_id = ANY(:lots)"),
            {"lots": floor.sale.lots},
        )
    return floor


def account(floor: Floor) -> None:
    account_outages(floor.database, floor.house)


def ended(floor: Floor, lot: int, at: datetime) -> None:
    """Let a lot end at a time."""
    floor.run(
        "UPDATE lot_state SET ends_at = :at, scheduled_ends_at = :at WHERE lot_id = :lot",
        at=at, lot=floor.sale.lots[lot],
    )  # fmt: skip


def told(floor: Floor, lot: int = 0) -> dict[str, Any]:
    """Return the payload of a lot's last entry."""
    with floor.database.house_session(floor.house) as session:
        return dict(list(queries.lot_entries(session, floor.sale.lots[lot]))[-1].public)


# Measuring


def test_a_service_that_comes_back_writes_the_gap_it_left(
    database: Database, service: Service
) -> None:
    with database.platform_connection() as connection:
        beat(connection, WEB)
        beat(connection, WEB)
        assert latest_outage(connection, WEB) == 0
    silent = service.now() - timedelta(minutes=7)
    service.seen(silent)
    with database.platform_connection() as connection:
        beat(connection, WEB)
    row = service.run("SELECT name, from_at, until_at FROM exchange.service_outage")
    assert (row.name, row.from_at) == (WEB, silent)
    assert 7 * MINUTE <= row.until_at - row.from_at < 8 * MINUTE


def test_a_short_restart_is_no_outage(database: Database, service: Service) -> None:
    service.seen(service.now() - timedelta(seconds=GAP_SECONDS - 2))
    with database.platform_connection() as connection:
        beat(connection, WEB)
        assert latest_outage(connection, WEB) == 0


def test_processes_that_come_back_together_write_one_gap(
    database: Database, service: Service
) -> None:
    service.seen(service.now() - timedelta(minutes=7))
    barrier = threading.Barrier(4)

    def back() -> None:
        barrier.wait()
        with database.platform_connection() as connection:
            beat(connection, WEB)

    threads = [threading.Thread(target=back) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.run("SELECT count(*) FROM exchange.service_outage")[0] == 1


def test_the_web_beats_from_its_start(database: Database, service: Service) -> None:
    started = service.now()
    stopping = threading.Event()
    thread = keep_beating(database, WEB, stopping)
    assert thread.daemon
    with database.platform_connection() as connection:
        at = last_beat(connection, WEB)
    assert at is not None
    assert at >= started
    stopping.set()
    thread.join()


# Giving back


def test_open_lots_get_the_downtime_back_and_closed_lots_stay_closed(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 0}, lots=3)
    now = service.now()
    floor.bid(0, 5000, lot=1)
    ended(floor, 0, now - 30 * MINUTE)
    close_due(database, oak)
    before = [floor.ends_at(lot) for lot in range(3)]
    service.gap(now - 6 * MINUTE, now - MINUTE)
    account(floor)
    after = [floor.ends_at(lot) for lot in range(3)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [
        timedelta(0), 5 * MINUTE, 5 * MINUTE,
    ]  # fmt: skip
    assert floor.entries(0) == ["opened", "unsold"]
    assert floor.entries(1) == ["opened", "bid", "outage"]
    payload = told(floor, 1)
    assert (payload["lasted_s"], payload["extended_s"], payload["price"]) == (300, 300, 1000)
    with database.house_session(oak) as session:
        assert [shown.minutes for shown in outages_of(session, floor.sale.sale_id)] == [5]
        lines = published.public_lines(session, floor.sale.lots[1])
    assert "wrong" not in {finding.verdict for finding in check_ledger(lines)}


def test_it_is_done_once_however_often_and_by_how_many_it_is_tried(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    """Seen to fail without the row that says it was done."""
    floor = floor_with(database, oak, settings, {"at_least_s": 0}, lots=4)
    now = service.now()
    before = floor.ends_at()
    service.gap(now - 6 * MINUTE, now - MINUTE)
    threads = [threading.Thread(target=account, args=(floor,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account(floor)
    assert floor.ends_at() - before == 5 * MINUTE
    assert [floor.entries(lot) for lot in range(4)] == [["opened", "outage"]] * 4


def test_at_least_so_many_minutes(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 900})
    now, before = service.now(), floor.ends_at()
    service.gap(now - 6 * MINUTE, now - MINUTE)
    account(floor)
    assert floor.ends_at() - before == 15 * MINUTE
    service.gap(now - 40 * MINUTE, now - 20 * MINUTE)
    account(floor)
    assert floor.ends_at() - before == 35 * MINUTE


@pytest.mark.parametrize("rule", [None, "missing"])
def test_a_sale_without_the_rule_is_left_as_it_is(
    database: Database, oak: House, settings: Settings, service: Service, rule: Any
) -> None:
    floor = floor_with(database, oak, settings, None)
    if rule == "missing":
        floor.run("UPDATE sale SET terms = terms - 'outage' WHERE id = :id", id=floor.sale.sale_id)
    now, before = service.now(), floor.ends_at()
    service.gap(now - 6 * MINUTE, now - MINUTE)
    account(floor)
    assert (floor.ends_at(), floor.entries()) == (before, ["opened"])


def test_only_the_webs_silence_counts(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    service.gap(service.now() - 6 * MINUTE, service.now())
    service.run("UPDATE exchange.service_outage SET name = 'worker'")
    account(floor)
    assert floor.entries() == ["opened"]


def test_lots_not_open_in_the_gap_get_nothing(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 0}, lots=3)
    now = service.now()
    floor.run("UPDATE lot_state SET starts_at = :at WHERE lot_id = :lot",
              at=now - MINUTE, lot=floor.sale.lots[0])  # fmt: skip
    ended(floor, 1, now - 10 * MINUTE)
    service.gap(now - 6 * MINUTE, now - 2 * MINUTE)
    account(floor)
    assert [floor.entries(lot)[-1] for lot in range(3)] == ["opened", "opened", "outage"]


def test_a_paused_sale_stands_still_anyway(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    with database.house_session(oak) as session, session.begin():
        conduct.pause_sale(session, floor.sale.sale_id, notice="Fire alarm", actor=None)
    now = service.now()
    service.gap(now + MINUTE, now + 6 * MINUTE)
    account(floor)
    assert floor.entries() == ["opened", "paused"]


# Before anything closes


def test_nothing_closes_before_the_outage_was_accounted_for(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    """Seen to fail with closing done first: the lot was unsold at its old end."""
    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    now = service.now()
    ended(floor, 0, now - 2 * MINUTE)
    service.gap(now - 4 * MINUTE, now - MINUTE)
    service.seen(now)
    close_due(database, oak)
    assert floor.entries() == ["opened", "outage"]
    assert floor.ends_at() > now, "what nobody could bid in is given back as well"
    assert floor.bid(0, 5000).you_lead


def test_what_ended_before_the_gap_closes_as_it_was(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 3600})
    now = service.now()
    ended(floor, 0, now - 8 * MINUTE)
    service.gap(now - 6 * MINUTE, now - 2 * MINUTE)
    service.seen(now)
    close_due(database, oak)
    assert floor.entries() == ["opened", "unsold"]


def test_a_lot_waits_for_a_sign_of_the_web_after_its_end(
    database: Database, oak: House, settings: Settings, service: Service
) -> None:
    """Seen to fail without the wait: the lot closed while the web was away, unnoticed yet."""
    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    now = service.now()
    ended(floor, 0, now - timedelta(seconds=5))
    service.seen(now - timedelta(seconds=8))
    close_due(database, oak)
    assert floor.entries() == ["opened"]
    service.seen(now)
    close_due(database, oak)
    assert floor.entries() == ["opened", "unsold"]


def test_a_sale_whose_account_fails_is_left_alone_and_the_others_go_on(
    database: Database, oak: House, settings: Settings, service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Seen to fail without the list of sales to leave alone."""
    broken = floor_with(database, oak, settings, {"at_least_s": 0})
    sound = floor_with(database, oak, settings, {"at_least_s": 0})
    now = service.now()
    for floor in (broken, sound):
        ended(floor, 0, now - 2 * MINUTE)
    service.gap(now - 4 * MINUTE, now - MINUTE)
    service.seen(now)
    real = outages.account_outage

    def account_one(session: Any, sale_id: int, outage: Any) -> int:
        if sale_id == broken.sale.sale_id:
            raise ArithmeticError
        return real(session, sale_id, outage)

    with monkeypatch.context() as patch:
        patch.setattr(outages, "account_outage", account_one)
        close_due(database, oak)
    assert (broken.entries(), sound.entries()) == (["opened"], ["opened", "outage"])
    close_due(database, oak)
    assert broken.entries() == ["opened", "outage"]


def test_the_closer_gives_back_as_soon_as_the_service_is_there_again(
    database: Database, settings: Settings, oak: House, service: Service
) -> None:
    class Listing(Directory):
        def all(self) -> list[House]:
            return [oak]

    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    closer = Closer(database, Listing(database, settings))
    closer.look(0.0)
    now = service.now()
    service.gap(now - 6 * MINUTE, now - MINUTE)
    closer.look(0.2)
    assert floor.entries() == ["opened", "outage"]


# Telling


def test_pages_tell_it_in_words(
    database: Database, settings: Settings, oak: House, service: Service
) -> None:
    floor = floor_with(database, oak, settings, {"at_least_s": 0})
    floor.bid(0, 5000)
    now = service.now()
    service.gap(now - 6 * MINUTE, now - MINUTE)
    account(floor)
    with database.house_session(oak) as session:
        reference = session.execute(
            text("SELECT reference FROM sale WHERE id = :id"), {"id": floor.sale.sale_id}
        ).scalar_one()
    visitor = visit(build_application(settings, database), settings, oak)
    sentence = "The service could not be reached for 5 minutes."
    assert sentence in visitor.page(f"/sales/{reference}/").text
    assert sentence in visitor.page(f"/sales/{reference}/lots/1").text
    why = visitor.page(f"/sales/{reference}/lots/1/history").text
    assert "The service was out of reach for 5 min; the lot ends 5 min later." in why


def test_the_ledger_tells_the_rule_from_the_start(
    database: Database, oak: House, settings: Settings
) -> None:
    assert told(floor_with(database, oak, settings, {"at_least_s": 60}))["outage"] == {
        "at_least_s": 60
    }
    assert told(floor_with(database, oak, settings, None))["outage"] is None


@pytest.mark.parametrize(
    "rule", [{"at_least_s": -1}, {"at_least_s": 86401}, {"at_least_s": 1.5}, {}, [], "x", True]
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Any, database: Database, oak: House) -> None:
    with pytest.raises(OutageRuleInvalid):
        check_outage_rule(rule)
    floor = make_floor(database, oak)
    whole = not isinstance(rule, dict) or rule.get("at_least_s") != 1.5
    if whole:
        with pytest.raises(IntegrityError, match="sale_outage_rule"):
            floor.run(
                "UPDATE sale SET terms = terms || CAST(:terms AS jsonb) WHERE id = :id",
                terms=json.dumps({"outage": rule}), id=floor.sale.sale_id,
            )  # fmt: skip


def test_staff_set_the_rule_while_the_sale_is_a_draft(
    database: Database, settings: Settings, oak: House
) -> None:
    with database.house_session(oak) as session, session.begin():
        sale = make_sale(session)
        sale_id = sale.id
    visitor = visit(build_application(settings, database), settings, oak)
    visitor.sign_in(make_member(database, oak, roles=("clerk",)))
    path = f"/manage/sales/{sale_id}/outages"
    for typed, stored in (
        ({"given": "least", "minutes": "10"}, {"at_least_s": 600}),
        ({"given": "time", "minutes": ""}, {"at_least_s": 0}),
        ({"given": "nothing", "minutes": "7"}, None),
    ):
        assert visitor.submit(path, typed).status_code == 302
        with database.house_session(oak) as session:
            assert session.get_one(Sale, sale_id).terms["outage"] == stored
    for wrong in ({"given": "least"}, {"given": "least", "minutes": "1441"}, {"given": "x"}):
        assert visitor.submit(path, wrong).status_code == 422
    with database.house_session(oak) as session, session.begin():
        session.get_one(Sale, sale_id).state = "published"
    assert visitor.submit(path, {"given": "time"}).status_code == 409
    assert "stands in the ledger of every lot" in visitor.page(path).text
