"""The processes of one installation on one machine, as the Procfile names them.

Honcho reads the Procfile; starting is our own, because tests stop and kill single processes, the
demo starts one again that died, and nothing may outlive a starter that was killed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from honcho.environ import parse_procfile

from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.sandbox.guard import GRACE_SECONDS, Guard, end_groups

PROCFILE = REPOSITORY / "Procfile"
READY_SECONDS = 60.0


class NotServing(RuntimeError):
    """The processes do not serve in time; the message names those that ended and what they said."""


def procfile_commands(file: Path = PROCFILE) -> dict[str, str]:
    """Return the Procfile's commands by name."""
    commands: dict[str, str] = dict(parse_procfile(file.read_text("utf-8")).processes)
    return commands


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which programs and modules of this very installation are found."""
    programs = str(Path(sys.executable).parent)
    roots = [str(REPOSITORY / "platform"), str(REPOSITORY / "tenants"), str(REPOSITORY)]
    return {
        **os.environ,
        **environ,
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join(roots),
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(slots=True)
class Service:
    """One command in a process group of its own, writing to a log."""

    name: str
    command: str
    environ: dict[str, str]
    log: Path
    guard: Guard
    process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        """Tell whether it was started and has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def start(self) -> None:
        """Start the command; a shell reads it, as it would from a Procfile."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S602 - the Procfile's own words
                f"exec {self.command}",
                shell=True,
                cwd=REPOSITORY,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.guard.watch_group(self.process.pid)

    def kill(self) -> None:
        """End it without warning, children included."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.reap()

    def reap(self) -> None:
        """Wait for its end and let its number go."""
        if self.process is not None:
            self.process.wait()
            self.guard.forget_group(self.process.pid)
            self.process = None

    def last_words(self, length: int = 1500) -> str:
        """Return the end of its log."""
        return self.log.read_text("utf-8", errors="replace")[-length:] if self.log.exists() else ""


class Processes:
    """Several services that are started together and stopped together."""

    def __init__(self, environ: Mapping[str, str], logs: Path) -> None:
        self._environ = own_environment(environ)
        self._logs = logs
        self._guard = Guard()
        self.services: dict[str, Service] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, commands: Mapping[str, str]) -> None:
        """Start commands by name, their logs beginning anew."""
        for name, command in commands.items():
            log = self._logs / f"{name}.log"
            log.unlink(missing_ok=True)
            service = Service(name, command, self._environ, log, self._guard)
            service.start()
            self.services[name] = service

    def restart_ended(self) -> list[str]:
        """Start again what ended by itself and return the names."""
        ended = [service for service in self.services.values() if service.ended]
        for service in ended:
            service.reap()
            service.start()
        return [service.name for service in ended]

    def restart_missing(self) -> None:
        """Start whatever does not run, however it came to that."""
        self.restart_ended()
        for service in self.services.values():
            if service.process is None:
                service.start()

    def stop(self, *names: str) -> None:
        """Ask services (all when none is named) to end, and kill those that do not."""
        chosen = [self.services[name] for name in names or self.services]
        running = [service for service in chosen if service.process is not None]
        for service in running:
            _asked_to_end(service)
        _wait_for(running, GRACE_SECONDS)
        end_groups([service.process.pid for service in running if service.process], grace=0)
        for service in running:
            service.reap()

    def wait_until_serving(
        self, address: str, host: str, *, told: Callable[[], None] = lambda: None
    ) -> None:
        """Wait until /healthz answers 200; raises NotServing with the logs of what ended."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if _serves(address, host):
                return
            if any(service.ended for service in self.services.values()):
                break
            told()
            time.sleep(0.1)
        raise NotServing(self._what_happened())

    def _what_happened(self) -> str:
        blamed = [s for s in self.services.values() if s.ended] or list(self.services.values())
        return "\n".join(f"--- {service.name}\n{service.last_words()}" for service in blamed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._guard.dismiss()


def _asked_to_end(service: Service) -> None:
    if service.process is not None and service.process.poll() is None:
        service.process.terminate()


def _wait_for(services: list[Service], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all(service.ended for service in services):
        time.sleep(0.02)


def _serves(address: str, host: str) -> bool:
    try:
        answer = httpx.get(f"{address}/healthz", headers={"Host": host}, timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
