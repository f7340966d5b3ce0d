"""What both Flask apps share at their edge: errors as pages, headers, request ids, log lines."""

import secrets
import time
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from auctionxchange.kernel.errors import DomainError, Invalid, NotFound, Unavailable
from auctionxchange.kernel.logs import logger
from auctionxchange.kernel.translation import gettext as _

RETRY_SECONDS = 5
_log = logger("web")


def install_edge(app: Flask, *, secure: bool) -> None:
    """Install error pages, security headers and the request log."""
    app.before_request(_begin_request)
    app.after_request(_end_request)
    app.after_request(lambda response: _with_headers(response, secure=secure))
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _database_down)
    app.register_error_handler(DBAPIError, _database_down)
    app.register_error_handler(Exception, _failed)


def nonce() -> str:
    """Return this response's nonce for the few style sheets that stand in a page."""
    value: str = g.setdefault("nonce", secrets.token_urlsafe(16))
    return value


def wants_json() -> bool:
    """Tell whether the caller is a script rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _begin_request() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request=g.request_id)
    # No database keeps this character, so there is nothing of that name.
    if "\0" in request.path:
        raise NotFound
    if any("\0" in text for text in _typed()):
        raise Invalid


def _typed() -> Iterator[str]:
    """Yield what the address asks with and what a form says."""
    for told in (request.args, request.form):
        yield from (text for pair in told.items(multi=True) for text in pair)


def log_request(method: str, rule: str, status: int, started: float, **more: str) -> None:
    """Write the log line of a request that began at a time of time.perf_counter."""
    took = (time.perf_counter() - started) * 1000
    _log.info("request", method=method, path=rule, status=status, ms=round(took, 1), **more)


def _end_request(response: Response) -> Response:
    started = g.get("started", time.perf_counter())
    log_request(request.method, _rule(), response.status_code, started)
    response.headers.setdefault("X-Request-Id", g.get("request_id", ""))
    structlog.contextvars.unbind_contextvars("request")
    return response


def _rule() -> str:
    """Return the address as a pattern: tokens in links are secrets and stay out of logs."""
    return request.url_rule.rule if request.url_rule else "unknown"


def security_headers(*, secure: bool, style: str = "") -> dict[str, str]:
    """Return what every answer carries; style names what else may style the page."""
    headers = {
        "Content-Security-Policy": f"default-src 'self'; style-src 'self'{style};"
        " img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def _with_headers(response: Response, *, secure: bool) -> Response:
    style = f" 'nonce-{g.nonce}'" if "nonce" in g else ""
    for name, value in security_headers(secure=secure, style=style).items():
        response.headers.setdefault(name, value)
    return response


def _refused(error: DomainError) -> ResponseReturnValue:
    g.failed = True
    return _shown(error.status, error.message(), error.code, retry_headers(error))


def retry_headers(error: DomainError) -> dict[str, str]:
    """Return the header that says when to try again, where trying again helps."""
    if error.status not in {429, 503}:
        return {}
    return {"Retry-After": str(error.fields.get("retry_after", RETRY_SECONDS))}


def _http_error(error: HTTPException) -> ResponseReturnValue:
    g.failed = True
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - redirects are answers, not errors
        return error.get_response()
    texts = {
        404: NotFound().message(),
        405: _("This address does not take that kind of request."),
        413: _("This is too large. Please send less at once."),
    }
    text = texts.get(status, error.description or _("Please check what you sent."))
    methods = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(methods)} if methods else {}
    return _shown(status, text, error.name.lower().replace(" ", "_"), headers)


def _database_down(error: Exception) -> ResponseReturnValue:
    g.failed = True
    if isinstance(error, DBAPIError) and not _is_outage(error):
        return _failed(error)
    _log.warning("database unavailable", error=type(error).__name__)
    return _refused(Unavailable())


def _is_outage(error: DBAPIError) -> bool:
    """Tell a lost server, a shutdown or a timeout from a defect in a statement."""
    code = getattr(error.orig, "pgcode", None)
    return error.connection_invalidated or code is None or str(code).startswith(("57", "08", "53"))


def _failed(error: Exception) -> ResponseReturnValue:
    g.failed = True
    if isinstance(error, DBAPIError):
        _log.error("failed", **_without_values(error))
    else:
        _log.error("failed", error=type(error).__name__, exc_info=error)
    return _shown(500, _("Something went wrong on our side. It was noted."), "failed", {})


def _without_values(error: DBAPIError) -> dict[str, Any]:
    """Tell a refused statement by code, constraint and place: its detail quotes people's rows."""
    told = getattr(error.orig, "diag", None)
    return {
        "error": type(error).__name__,
        "code": getattr(error.orig, "pgcode", None),
        "constraint": getattr(told, "constraint_name", None),
        "place": "".join(traceback.format_tb(error.__traceback__)),
    }


def _shown(status: int, text: str, code: str, headers: dict[str, str]) -> ResponseReturnValue:
    body: Any
    if wants_json():
        told = g.get("told", {})
        body = jsonify(error=code, message=text, request=g.get("request_id"), **told)
    else:
        # Whoever writes to us about a failure of ours can name its line in the log.
        reference = g.get("request_id") if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        body = render_template(
            "plain.html", title=_title(status), text=text, status=status, reference=reference
        )
    response = make_response(body, status)
    response.headers.update(headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _title(status: int) -> str:
    titles = {
        403: _("Not allowed"),
        404: _("Not found"),
        429: _("One moment"),
        503: _("One moment"),
    }
    return titles.get(status, _("This did not work"))
