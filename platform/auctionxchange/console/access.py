"""Who may enter the console, and from which host.

The resolver already keeps the console to its own host; this guard says the same once more inside
the app, so that a change at the door alone opens nothing.
"""

from urllib.parse import urlencode

from flask import Flask, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from auctionxchange.accounts.models import Operator
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.resolver import CONSOLE_PATH, PLANE

SIGN_IN = f"{CONSOLE_PATH}/sign-in"
SIGN_OUT = f"{CONSOLE_PATH}/sign-out"

ACTS = {"houses": ("owner", "support"), "operators": ("owner",)}
"""What more than looking needs one of some roles: acts on houses, and on other operators."""


class RoleMissing(Forbidden):
    """The operator's role allows looking, not this."""

    code = "role_missing"

    def message(self) -> str:
        return _("Your role allows you to look at this, not to change it. Ask an owner.")


def install_guard(app: Flask) -> None:
    """Refuse console pages at every host but the console's; comes before anything signs in."""
    app.before_request(keep_to_the_console_host)
    app.after_request(keep_out_of_caches)


def keep_to_the_console_host() -> None:
    """Raise NotFound for a console page asked for elsewhere; without a plane nothing is shown."""
    path = request.path.lower()
    inside = path == CONSOLE_PATH or path.startswith(f"{CONSOLE_PATH}/")
    if inside and request.environ.get(PLANE) != "console":
        raise NotFound


def keep_out_of_caches(response: Response) -> Response:
    """Let no cache keep what an operator was shown."""
    if request.environ.get(PLANE) == "console" and request.path.startswith(f"{CONSOLE_PATH}/"):
        response.headers["Cache-Control"] = "no-store"
    return response


def signed_in_operator() -> Operator | None:
    """Return the operator whose request this is, or None; without a sign-in nobody is."""
    if getattr(current_app, "login_manager", None) is None:
        return None
    user = current_user._get_current_object()  # noqa: SLF001 - the documented way to unwrap
    return user if isinstance(user, Operator) and user.is_active else None


def acting_operator() -> str:
    """Return the address the audit names; raises NotFound where nobody is signed in."""
    operator = signed_in_operator()
    if operator is None:
        raise NotFound
    return operator.email


def may(act: str) -> bool:
    """Tell whether the signed-in operator has a role for a kind of act."""
    operator = signed_in_operator()
    return operator is not None and any(role.name in ACTS[act] for role in operator.roles)


def demand(act: str) -> None:
    """Raise RoleMissing unless the signed-in operator may do this kind of act."""
    if not may(act):
        raise RoleMissing


def to_sign_in() -> ResponseReturnValue:
    """Send a stranger to the sign-in and back to the page afterwards."""
    back = request.full_path.rstrip("?") if request.method == "GET" else f"{CONSOLE_PATH}/"
    return redirect(f"{SIGN_IN}?{urlencode({'next': back})}")
