"""Gateway and worker as processes of their own, and browsers that follow."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from auctionxchange.kernel.config import Settings
from auctionxchange.live.tokens import Permission, issue_token
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.sandbox.processes import own_environment
from auctionxchange.tenancy.house import House

PATIENCE_SECONDS = 60


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return the environment of a process of this installation."""
    asked = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "MEDIA_ROOT": str(settings.media_root),
        "AUCTIONXCHANGE_ENVIRONMENT": "test",
        **more,
    }
    return own_environment(asked)


@dataclass(slots=True)
class GatewayProcess:
    """A gateway on a port of its own that may be killed and started again."""

    settings: Settings
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "auctionxchange.live"],
                env=environment(self.settings, LIVE_PORT=str(self.port)),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(self.log.read_text("utf-8"))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return its code."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running_gateway(settings: Settings, folder: Path) -> Iterator[GatewayProcess]:
    """Run a gateway for a block."""
    gateway = GatewayProcess(settings, folder / "live.log")
    gateway.start()
    try:
        yield gateway
    finally:
        if gateway.process is not None and gateway.process.poll() is None:
            gateway.stop()


@contextmanager
def running_worker(
    settings: Settings, smtp_port: int, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that sends its mail to a port of this machine."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "auctionhouse.worker"],
            env=environment(settings, SMTP_URL=f"smtp://127.0.0.1:{smtp_port}"),
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def token_for(settings: Settings, house: House, *channels: str, member: int | None = None) -> str:
    """Sign a token as the house's app does."""
    return issue_token(settings, house, Permission(channels, member))


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream."""

    event: str
    text: str
    position: str | None

    @property
    def body(self) -> Any:
        return json.loads(self.text)


class Stream:
    """An open stream, read frame by frame."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()
        self.position: str | None = None

    def next(self) -> Frame:
        """Return the next frame; raises StopIteration at the end of the stream."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line and "data" in fields:
                break
            name, _colon, value = line.partition(": ")
            fields[name] = value
        else:
            raise StopIteration
        self.position = fields.get("id", self.position)
        return Frame(fields.get("event", "message"), fields["data"], fields.get("id"))

    def message(self) -> Any:
        """Return the next payload, whatever else comes before it."""
        frame = self.next()
        while frame.event != "message":
            frame = self.next()
        return frame.body

    def until(self, event: str) -> Frame:
        """Skip to an event of a kind and return it."""
        frame = self.next()
        while frame.event != event:
            frame = self.next()
        return frame


@contextmanager
def following(
    gateway: GatewayProcess, host: str, token: str, *, after: str | None = None, fresh: str = ""
) -> Iterator[Stream]:
    """Open a stream as a browser would."""
    headers = {"Host": host} | ({"Last-Event-ID": after} if after else {})
    with httpx.stream(
        "GET",
        f"{gateway.address}/live/stream",
        params={"token": token, "fresh": fresh},
        headers=headers,
        timeout=PATIENCE_SECONDS,
    ) as response:
        yield Stream(response)
