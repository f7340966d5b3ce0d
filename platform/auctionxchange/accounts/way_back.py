"""Whoever opens an account is led back, once signed in, to the page they came for.

Between the two lies a mail: the way is kept in the browser's own signed cookie, and forgotten by
the sign-in. Only pages of the same host are kept.
"""

import re
from typing import Any

from flask import Flask, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security.signals import user_authenticated

KEPT = "way_back"
WAY = re.compile(r"/(?!/)[!-\[\]-~]{,500}")
"""A path at this host: no second slash, and no backslash, which browsers take for one."""


def install_way_back(app: Flask) -> None:
    """Keep the way when the registration is opened, and give it to the sign-in."""
    app.before_request(_keep_or_lead)
    user_authenticated.connect(_forget, app)


def _keep_or_lead() -> ResponseReturnValue | None:
    if request.method != "GET":
        return None
    way = request.args.get("next", "")
    if request.endpoint == "security.register" and WAY.fullmatch(way):
        session[KEPT] = way
    if request.endpoint == "security.login" and not way and KEPT in session:
        return redirect(url_for("security.login", next=session[KEPT]))
    return None


def _forget(_app: Flask, **_rest: Any) -> None:
    session.pop(KEPT, None)
