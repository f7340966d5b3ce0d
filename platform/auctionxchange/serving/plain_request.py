"""Reading a small form from the bytes of a connection, if it is plain beyond doubt.

Plain is a POST of HTTP/1.1 that came whole and alone: a path without escapes, header fields that
frame nothing anew, a form of a given length. Everything else is left to gunicorn's reader, which
knows the rest of HTTP and refuses what is wrong; so nothing is decided here that it would decide
otherwise.
"""

import re
from typing import Any, NamedTuple

LARGEST = 16 * 1024
_HEAD = re.compile(
    rb"POST (/[A-Za-z0-9/._~-]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
FORMS = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded;charset=UTF-8",
)
"""What a script and a page's own script call the same form."""

_FORMS = frozenset(form.encode() for form in FORMS)
_ONCE = frozenset(
    (
        b"host", b"content-length", b"content-type", b"connection", b"cookie", b"accept",
        b"accept-language", b"referer", b"origin",
    )
)  # fmt: skip
"""Fields that are passed on; a second one of a name is not plain."""

_OTHERWISE = frozenset(
    (
        b"transfer-encoding", b"content-encoding", b"expect", b"upgrade", b"trailer",
        b"proxy-connection", b"keep-alive", b"http2-settings", b"authorization", b"range",
    )
)  # fmt: skip
"""Fields that change how a request is read or answered."""


class PlainRequest(NamedTuple):
    """A request as WSGI tells it, and its form as it came."""

    environ: dict[str, Any]
    form: bytes


def plain_request(received: bytes) -> PlainRequest | None:
    """Return the one request that was received, or None where it is not plain."""
    found = _HEAD.match(received)
    if found is None:
        return None
    fields = _fields(found[2])
    if fields is None or fields.get(b"content-type") not in _FORMS or b"host" not in fields:
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length, form = fields.get(b"content-length", b""), received[found.end() :]
    if not length.isdigit() or str(len(form)).encode() != length:
        return None
    return PlainRequest(_environ(found[1], fields), form)


def _fields(head: bytes) -> dict[bytes, bytes] | None:
    """Return the fields to pass on by their names in small letters, or None."""
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n")[:-1]:
        name, _colon, value = line.partition(b":")
        name = name.lower()
        if name in _ONCE:
            if name in fields:
                return None
            fields[name] = value.strip(b" \t")
        elif name in _OTHERWISE:
            return None
    return fields


def _environ(path: bytes, fields: dict[bytes, bytes]) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path.decode("ascii"),
        "QUERY_STRING": "",
        "wsgi.url_scheme": "http",
    }
    for name, value in fields.items():
        key = name.decode("ascii").upper().replace("-", "_")
        unprefixed = key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        environ[key if unprefixed else f"HTTP_{key}"] = value.decode("latin-1")
    return environ
