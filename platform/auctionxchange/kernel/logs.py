"""Structured logs in one line each, with the house and the request they belong to.

Tracebacks are plain: values of variables, which may be personal, are never printed.
"""

import logging
import sys
from typing import Any

import structlog


class _Lines(logging.StreamHandler[Any]):
    """Writes each line at once; without a lock, which would have all threads wait for the pipe."""

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Make none."""
        self.lock = None


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
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if log_format == "json" else []),
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
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def logger(name: str) -> Any:
    """Return a logger; house and request are added from the context."""
    return structlog.get_logger(name)
