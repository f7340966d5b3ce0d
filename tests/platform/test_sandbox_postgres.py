"""The embedded server: made once, kept, gone with its starter, and never in anybody's way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from auctionxchange.sandbox.postgres import EmbeddedPostgres

STARTER = """
import sys, time
from pathlib import Path
from auctionxchange.sandbox.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), durable=False).start(), flush=True)
time.sleep(60)
"""


def said(url: str, statement: str) -> str:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            answer = cursor.fetchone() if cursor.description else ("",)
            return str(answer[0]) if answer else ""
    finally:
        connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path / "a folder with spaces")
    yield made
    made.erase()


def test_data_outlives_a_restart_and_a_crash(server: EmbeddedPostgres) -> None:
    url = server.start()
    said(url, "CREATE TABLE kept AS SELECT 7 AS number")
    assert said(url, "SHOW max_locks_per_transaction") == "1024"
    assert said(url, "SHOW fsync") == "on"
    assert said(url, "SELECT datcollate FROM pg_database LIMIT 1") == "C.UTF-8"
    server.stop()
    assert said(server.start(), "SELECT number FROM kept") == "7"
    server.kill()
    wait_until_refused(server)
    assert said(server.start(), "SELECT number FROM kept") == "7"


def test_a_running_server_is_used_as_it_is(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert server.start() == url


def test_loopback_without_the_password_is_refused(server: EmbeddedPostgres) -> None:
    password = server.start().split(":")[2].partition("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        said(server.url.replace(password, "guess"), "SELECT 1")


def test_an_interrupted_making_is_begun_again(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    data = server.data_folder
    data.rename(data.with_name("making"))
    assert said(server.start(), "SELECT 1") == "1"


def test_server_ends_with_its_killed_starter(tmp_path: Path) -> None:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, env=environ
    )
    assert starter.stdout is not None
    url = starter.stdout.readline().decode().strip()
    assert said(url, "SELECT 1") == "1"
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    folder = EmbeddedPostgres(tmp_path, durable=False).data_folder.parent
    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(psycopg2.OperationalError):
        said(url, "SELECT 1")


def wait_until_refused(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 60
    while server.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.running
