"""Ends what was started even when the starter is killed without warning.

A guard is a process in a session of its own that reads a pipe. When the pipe closes, because the
starter ended in whatever way, the guard ends what it was told of. It uses the standard library
alone, so that it starts at once and needs no path set.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

GRACE_SECONDS = 5.0


class Guard:
    """The starter's end: names process groups and servers, and dismisses the guard at the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch_group(self, group: int) -> None:
        """Have a process group ended."""
        self._tell(group=group)

    def forget_group(self, group: int) -> None:
        """Leave a group alone that has ended; its number may be another's soon."""
        self._tell(forget=group)

    def watch_postgres(self, data: Path, *, remove: Path | None = None) -> None:
        """Have the server of a data folder stopped, and a folder removed after it."""
        self._tell(data=str(data), remove=str(remove) if remove else None)

    def dismiss(self) -> None:
        """Let the guard go: everything was ended in order."""
        self._tell(done=True)
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, **message: Any) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()


def keep_watch(lines: Iterable[bytes]) -> None:
    """Read what to end until the pipe closes, then end it; a dismissal ends nothing."""
    groups: set[int] = set()
    servers: list[tuple[str, str | None]] = []
    for line in lines:
        message = json.loads(line)
        if "group" in message:
            groups.add(message["group"])
        elif "forget" in message:
            groups.discard(message["forget"])
        elif "data" in message:
            servers.append((message["data"], message["remove"]))
        else:
            return
    end_groups(groups)
    for data, remove in servers:
        _stop_postgres(Path(data))
        if remove:
            shutil.rmtree(remove, ignore_errors=True)


def end_groups(groups: Iterable[int], grace: float = GRACE_SECONDS) -> None:
    """Ask process groups to end, and kill those that have not within the grace (seconds)."""
    left = {group for group in groups if _signalled(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _signalled(group, 0)}
    for group in left:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _stop_postgres(data: Path) -> None:
    """Interrupt the server (its fast shutdown) and wait until its process file is gone."""
    file = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGINT)
        deadline = time.monotonic() + 60
        while file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)


if __name__ == "__main__":
    keep_watch(sys.stdin.buffer)
