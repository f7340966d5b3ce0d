"""Limits on how often passwords, registrations and links may be tried, and by forms alone."""

from collections.abc import Callable, Mapping

from flask import Flask, request
from werkzeug.exceptions import UnsupportedMediaType

Limit = Callable[[str, str, str], None]
"""Counts one try: name, key, rate; raises TooManyRequests."""

RATES: Mapping[str, tuple[str, str]] = {
    "security.login": ("10/minute", "60/hour"),
    "security.register": ("5/minute", "30/hour"),
    "security.forgot_password": ("5/minute", "20/hour"),
    "security.send_confirmation": ("5/minute", "20/hour"),
    "security.reset_password": ("10/minute", "60/hour"),
    "security.change_email": ("5/minute", "20/hour"),
    "security.change_password": ("10/minute", "60/hour"),
    "security.verify": ("10/minute", "60/hour"),
}
"""By endpoint: tries for one address of an account, tries from one network address."""


def install_throttle(app: Flask, limit: Limit) -> None:
    """Count tries before anything is looked up."""

    def count() -> None:
        rates = RATES.get(request.endpoint or "")
        if rates is None or request.method != "POST":
            return
        if request.is_json:
            raise UnsupportedMediaType
        email = request.form.get("email", "").strip().lower()
        if email:
            limit(f"{request.endpoint}:email", email, rates[0])
        limit(f"{request.endpoint}:address", request.remote_addr or "", rates[1])

    app.before_request(count)
