"""Payments across processes: killed before the commit, and webhooks answered before any work."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator

import pytest
from werkzeug.test import Client as Browser
from wsgi import build_application

from auctionhouse.payments.attempts import SETTLE
from auctionhouse.payments.charging import charge_now
from auctionxchange.jobs.registry import TASKS, run_job
from auctionxchange.kernel.config import REPOSITORY, Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House
from factories.stripe import CONNECT_SECRET, PLATFORM_SECRET, Counter, open_counter
from factories.winners import RULES, won

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


@pytest.fixture(scope="module")
def counter(settings: Settings, database: Database, oak: House) -> Iterator[Counter]:
    with open_counter(settings, database, oak) as opened:
        yield opened


@pytest.mark.parametrize("what", ["a sum", "an invoice"])
def test_a_process_killed_between_charge_and_commit_charges_once(
    counter: Counter, oak: House, what: str
) -> None:
    """An invoice's winner was about to be charged by the worker; after its restart it is paid."""
    winner = None
    if what == "a sum":
        payment = counter.owed(counter.client())
    else:
        with acting_for(oak), counter.services.app.app_context():
            winner = won(counter, rules=RULES)
            winner.round()
        owed = winner.payment()
        assert owed is not None
        payment = owed.id
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
    if winner is not None:
        assert winner.seen()[1] == 0


def test_a_webhook_is_written_down_and_answered_before_anything_is_worked_on(
    counter: Counter, database: Database
) -> None:
    """Seen to fail with the inbox's work done within the request."""
    web = Browser(build_application(counter.desk.settings, database))
    charge_now(counter.desk, counter.owed(counter.client()))
    event = {**counter.events("payment_intent.succeeded")[-1], "id": f"evt_{secrets.token_hex(8)}"}
    asked: list[str] = []
    counter.sandbox.observers.append(lambda request, _answer: asked.append(request.path))
    assert counter.post(web, event).status_code == 200
    assert counter.state(event["id"]) == "received"
    assert asked == []
