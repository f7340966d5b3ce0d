"""Requests as the bytes of a connection, and what gunicorn's own reader makes of them."""

import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

PEER = ("127.0.0.1", 5000)


def written(path: str, form: bytes, fields: Mapping[str, str | None], *more: str) -> bytes:
    """Write a POST with fields, those without a value left out, and further lines of its head."""
    told = {"Content-Length": str(len(form)), **fields}
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    head = "\r\n".join([f"POST {path} HTTP/1.1", *lines, *more])
    return f"{head}\r\n\r\n".encode("latin-1") + form


class Read(NamedTuple):
    """A request as gunicorn reads it, and what follows it on the connection."""

    environ: dict[str, Any]
    body: bytes
    left: bytes


def as_gunicorn_reads(received: bytes) -> Read:
    """Return what gunicorn makes of bytes; raises its own errors for what is none of HTTP."""
    reader = RequestParser(Config(), iter([received]), PEER)
    request = next(reader)
    _response, environ = create(request, io.BytesIO(), PEER, ("127.0.0.1", 80), Config())
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    left = reader.unreader.read() if reader.finish_body() else b"?"
    return Read(environ, body, left)
