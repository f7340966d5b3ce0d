"""PgBouncer in transaction mode, with one server connection for everybody."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL, make_url

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.tenancy.setup import Addresses

PROGRAM = "/usr/sbin/pgbouncer"
SETTINGS = """
[databases]
* = host={host} port={server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Debian's packages."""
    for item in items:
        if "system" in item.path.parts:
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session")
def pooled_url(addresses: Addresses) -> Iterator[str]:
    """The login role's address through PgBouncer."""
    direct = make_url(addresses.database_url)
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer"))
    (folder / "users").write_text(f'"{direct.username}" "{direct.password}"\n')
    settings = SETTINGS.format(host=direct.host, server=direct.port, port=port, folder=folder)
    (folder / "pgbouncer.ini").write_text(settings)
    user = _unprivileged(folder)
    process = subprocess.Popen(
        [PROGRAM, "-q", str(folder / "pgbouncer.ini")], user=user, stdin=subprocess.DEVNULL
    )
    url = direct.set(host="127.0.0.1", port=port)
    _wait_until_open(url, process)
    yield url.render_as_string(hide_password=False)
    process.terminate()
    process.wait()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pooled(pooled_url: str, settings: Settings) -> Iterator[Database]:
    """A pool of ours on top of PgBouncer's."""
    made = Database(pooled_url, secret_key=settings.secret_key)
    yield made
    made.dispose()


def _unprivileged(folder: Path) -> str | None:
    """PgBouncer refuses to be root: hand the folder to somebody else."""
    if os.geteuid() != 0:
        return None
    record = pwd.getpwnam("nobody")
    for place in (folder, *folder.iterdir()):
        os.chown(place, record.pw_uid, record.pw_gid)
    return record.pw_name


def _wait_until_open(url: URL, process: "subprocess.Popen[bytes]") -> None:
    address = url.render_as_string(hide_password=False)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg2.connect(address).close()
        except psycopg2.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PgBouncer did not start")
