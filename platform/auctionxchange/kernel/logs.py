"""Structured logs in one line each, with the house and the request they belong to.

Tracebacks are plain: values of variables, which may be personal, are never printed.
"""

import logging
import sys
from typing import Any

import structlog


class _NoLock:
    """Stands where a handler keeps a lock; from Python 3.13 on there must be one."""

    def acquire(self) -> None:
        """Hold nothing."""

    release = acquire

    def __enter__(self) -> None:
        """Hold nothing."""

    def __exit__(self, *_error: object) -> None:
        """Let nothing go."""


class _Lines(logging.StreamHandler[Any]):
    """Writes each line at once; without a lock, which would have all threads wait for the pipe."""

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Make one that holds nothing."""
        self.lock: Any = _NoLock()


class _Writer:
    """Takes our own lines, one write each, and without a lock for the same reason."""

    def __init__(self, *_name: Any) -> None:
        """Take the name a logger is asked for by."""

    def msg(self, line: str) -> None:
        """Write a line."""
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = msg


def configure_logs(log_format: str) -> None:
    """Send all logs, the libraries' too, to standard error as text or JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    tracebacks = [structlog.processors.format_exc_info] if log_format == "json" else []
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *tracebacks,
            renderer,
        ],
    )
    handler = _Lines()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # libvips tells every step of every picture.
    logging.getLogger("pyvips").setLevel(logging.WARNING)
    # Our own lines take the short way: through the standard library each costs three times as much.
    structlog.configure(
        processors=[*shared, *tracebacks, renderer],
        logger_factory=_Writer,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> Any:
    """Return a logger; house and request are added from the context."""
    return structlog.get_logger(name)
