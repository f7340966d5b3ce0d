"""Log lines leave at once, by one handler that holds no lock, on every Python we run on."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from auctionxchange.kernel.logs import configure_logs, logger


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to standard error; the tests' own handler is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = io.StringIO()
    monkeypatch.setattr("sys.stderr", kept)
    configure_logs("json")
    yield kept
    root.handlers, root.level = handlers, level


def test_a_line_is_written_whatever_way_python_takes_a_handlers_lock(written: io.StringIO) -> None:
    """Seen to fail with no lock at all: from Python 3.13 on nothing could be logged."""
    handler = logging.getLogger().handlers[0]
    lock = handler.lock
    assert lock is not None
    with lock:
        handler.acquire()
        logger("test").info("kept", house="oak")
        logging.getLogger("library").warning("told by %s", "a library")
        handler.release()
    handler.flush()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("kept", "info"),
        ("told by a library", "warning"),
    ]
    assert lines[0]["house"] == "oak"
