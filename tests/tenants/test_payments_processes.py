"""Payments across processes: killed between charge and commit, and webhooks answered at once."""

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from werkzeug.test import Client as Browser
from wsgi import build_application

from auctionhouse.payments.attempts import SETTLE
from auctionhouse.payments.charging import charge_now
from auctionxchange.jobs.registry import TASKS, run_job
from auctionxchange.kernel.config import REPOSITORY, Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from factories.stripe import CONNECT_SECRET, PLATFORM_SECRET, Counter, open_counter

KILLED = """
import os, signal, sys
from auctionhouse import models
from auctionhouse.payments import charging
from auctionhouse.payments.desk import Desk
from auctionxchange.kernel.config import load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.payments.gateway import make_gateway
from auctionxchange.tenancy.directory import Directory

settings = load_settings(os.environ)
database = Database(settings.database_url)
house = Directory(database, settings).by_schema(sys.argv[1])
charging._taken_in = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
charging.charge_now(Desk(settings, database, house, make_gateway(settings)), int(sys.argv[2]))
"""
ACKNOWLEDGED_MS = 10


@pytest.fixture(scope="module")
def counter(settings: Settings, database: Database, oak: House) -> Iterator[Counter]:
    with open_counter(settings, database, oak) as opened:
        yield opened


def test_a_process_killed_between_charge_and_commit_charges_once(counter: Counter) -> None:
    payment = counter.owed(counter.client())
    settings = counter.desk.settings
    environ = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "STRIPE_SECRET_KEY": settings.stripe_secret_key or "",
        "STRIPE_API_BASE": settings.stripe_api_base or "",
        "STRIPE_WEBHOOK_SECRET_PLATFORM": PLATFORM_SECRET,
        "STRIPE_WEBHOOK_SECRET_CONNECT": CONNECT_SECRET,
        "PYTHONPATH": os.pathsep.join(str(REPOSITORY / root) for root in ("platform", "tenants")),
    }
    command = [sys.executable, "-c", KILLED, counter.desk.house.schema, str(payment)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    [attempt] = counter.attempts(payment)
    assert (attempt.state, len(counter.charges(payment))) == ("open", 1)
    run_job(TASKS, counter.services, counter.desk.house.schema, SETTLE, {"attempt": attempt.id})
    assert counter.payment(payment).state == "paid"
    assert len(counter.charges(payment)) == 1


def test_a_webhook_is_acknowledged_within_ten_milliseconds(
    counter: Counter, database: Database
) -> None:
    """The median of sixty: the machine may be busy with other tests."""
    web = Browser(build_application(counter.desk.settings, database))
    charge_now(counter.desk, counter.owed(counter.client()))
    event = counter.events("payment_intent.succeeded")[-1]
    took = []
    for _ in range(60):
        told = {**event, "id": f"evt_{secrets.token_hex(8)}"}
        started = time.perf_counter()
        assert counter.post(web, told).status_code == 200
        took.append((time.perf_counter() - started) * 1000)
    assert statistics.median(took) <= ACKNOWLEDGED_MS
