"""Log lines leave at once, by one handler that holds no lock, on every Python we run on."""

import io
import json
import logging

import pytest

from auctionxchange.kernel.logs import configure_logs, logger


def test_a_line_is_written_whatever_way_python_takes_a_handlers_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seen to fail with no lock at all: from Python 3.13 on nothing could be logged."""
    root, written = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr("sys.stderr", written)
    configure_logs("json")
    handler = root.handlers[0]
    lock = handler.lock
    assert lock is not None
    with lock:
        handler.acquire()
        logger("test").info("kept", house="oak")
        logging.getLogger("library").warning("told by %s", "a library")
        handler.release()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("kept", "info"),
        ("told by a library", "warning"),
    ]
    assert lines[0]["house"] == "oak"
