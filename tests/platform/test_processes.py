"""Services on one machine: stopped together, started again, gone with a killed starter."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auctionxchange.sandbox.processes import NotServing, Processes, procfile_commands

STARTER = """
import sys, time
from pathlib import Path
from auctionxchange.sandbox.processes import Processes
processes = Processes({}, Path(sys.argv[1]))
processes.start({"deaf": "python -c 'import signal, time;"
    " signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)'"})
print(processes.services["deaf"].process.pid, flush=True)
time.sleep(60)
"""
SLEEP = "python -c 'import time; time.sleep(60)'"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_ended_is_started_again_and_all_are_stopped(tmp_path: Path) -> None:
    with Processes({"GREETING": "hello"}, tmp_path) as processes:
        processes.start({"short": "python -c 'import os; print(os.environ[\"GREETING\"])'"})
        processes.start({"long": SLEEP})
        deadline = time.monotonic() + 60
        while not processes.services["short"].ended and time.monotonic() < deadline:
            time.sleep(0.02)
        assert processes.restart_ended() == ["short"]
        assert "hello" in processes.services["short"].last_words()
        running = processes.services["long"].process
        assert running is not None
        processes.services["long"].kill()
        assert not alive(running.pid)
    assert all(service.process is None for service in processes.services.values())


def test_what_does_not_serve_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Processes({}, tmp_path) as processes:
        processes.start({"broken": "python -c 'raise SystemExit(\"no such setting\")'"})
        with pytest.raises(NotServing, match="no such setting"):
            processes.wait_until_serving("http://127.0.0.1:9", "localhost")


def test_services_end_with_their_killed_starter(tmp_path: Path) -> None:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, env=environ
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 60
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_the_procfile_names_the_parts() -> None:
    assert {"front", "web", "live", "worker"} <= procfile_commands().keys()
