"""The worker as a process of its own: a lot closes in time and its winner reads about it."""

import secrets
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from auctionhouse.bidding.operations import place_bid
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.tenancy.house import House
from factories.live import running_worker
from factories.sales import OpenSale, make_open_sale

PATIENCE_SECONDS = 60
"""A job whose worker lost its connection is taken up again after half a minute."""


class Received:
    """The SMTP side of a mailbox."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]


@pytest.fixture
def received() -> Iterator[tuple[Received, int]]:
    kept = Received()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, controller.port
    controller.stop()


def until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def ask(database: Database, house: House, query: str, **values: Any) -> Any:
    with database.house_connection(house) as connection:
        return connection.execute(text(query), values).scalar()


def publish(database: Database, house: House, lasts: timedelta) -> tuple[OpenSale, str]:
    """Publish a sale with one bid, which then lasts so long; return it and the bidder's address."""
    address = f"{secrets.token_hex(4)}@example.com"
    with database.house_session(house) as session, session.begin():
        sale = make_open_sale(session, reference=f"w{secrets.token_hex(4)}")
        client, member = sale.bidders[0]
        session.execute(
            text("UPDATE client SET email = :email WHERE id = :id"),
            {"email": address, "id": client},
        )
        place_bid(
            session,
            lot_id=sale.lots[0],
            client_id=client,
            placed_by_member_id=member,
            maximum=5000,
            token=uuid4(),
        )
        session.execute(
            text("UPDATE lot_state SET ends_at = clock_timestamp() + :lasts WHERE sale_id = :id"),
            {"lasts": lasts, "id": sale.sale_id},
        )
    return sale, address


def lateness(database: Database, house: House, lot: int) -> float | None:
    """Return the seconds from a lot's end to its hammer, or None before it."""
    seconds = ask(
        database,
        house,
        "SELECT extract(epoch FROM e.at - s.ends_at) FROM ledger_entry e"
        " JOIN lot_state s ON s.lot_id = e.lot_id WHERE e.lot_id = :lot AND e.kind = 'hammer'",
        lot=lot,
    )
    return None if seconds is None else float(seconds)


def test_a_lot_closes_in_time_and_its_winner_reads_about_it(
    settings: Settings,
    database: Database,
    oak: House,
    received: tuple[Received, int],
    tmp_path: Path,
) -> None:
    kept, port = received
    log = tmp_path / "worker.log"
    overdue, earlier = publish(database, oak, timedelta(seconds=1))
    time.sleep(1)
    with running_worker(settings, port, log) as process:
        until(lambda: kept.to(earlier), "a lot that ended while no worker ran")
        sale, address = publish(database, oak, timedelta(seconds=3))
        until(lambda: kept.to(address), "the winner's mail")
        late = lateness(database, oak, sale.lots[0])
        assert late is not None
        assert late >= 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    mail = kept.to(address)[0]
    assert "You won lot 1" in mail["Subject"]
    assert mail["From"].addresses[0].display_name == oak.name
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "http://oak.localhost:8000/sales/" in plain.get_content()
    assert mail.get_body(("html",)) is not None
    assert len(kept.to(earlier)) == len(kept.to(address)) == 1
    assert "Traceback" not in log.read_text("utf-8")
    assert address not in log.read_text("utf-8")
    assert lateness(database, oak, overdue.lots[0]) is not None


def test_a_worker_outlives_lost_connections(
    settings: Settings,
    database: Database,
    oak: House,
    received: tuple[Received, int],
    tmp_path: Path,
) -> None:
    kept, port = received
    before, after = (f"{secrets.token_hex(4)}@example.com" for _ in range(2))
    with running_worker(settings, port, tmp_path / "worker.log") as process:
        send(database, oak, before)
        until(lambda: kept.to(before), "a mail")
        with database.platform_connection() as connection:
            connection.execute(text("RESET ROLE"))
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE usename = session_user AND pid <> pg_backend_pid()"
                )
            )
        send(database, oak, after)
        until(lambda: kept.to(after), "a mail after the connections were lost")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.fixture(autouse=True)
def _no_jobs_of_other_tests(database: Database) -> None:
    """A worker does whatever waits; what other tests left would be tried again and again."""
    with database.platform_connection() as connection:
        connection.execute(text("DELETE FROM exchange.outbox WHERE kind = 'job'"))
        # the queue's own trigger on a deleted job names its tables without their schema
        connection.execute(text("SET LOCAL search_path = jobs"))
        connection.execute(text("DELETE FROM jobs.procrastinate_jobs"))


def send(database: Database, house: House, to: str) -> None:
    with database.house_connection(house) as connection:
        enqueue(connection, "mail.send", to=to, subject="Hello", text="Hello")
