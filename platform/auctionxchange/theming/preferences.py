"""The reader's own choices at the foot of every page: language and light or dark."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response, redirect, request

from auctionxchange.i18n.choice import COOKIE as LANGUAGE_COOKIE
from auctionxchange.i18n.choice import offered_languages
from auctionxchange.kernel.config import Settings

APPEARANCE_COOKIE = "appearance"
APPEARANCES = ("light", "dark")
YEAR = 365 * 24 * 3600

Remember = Callable[[str], None]
"""Keeps a language with the signed-in member, so that mails speak it too."""


def keep_preferences(settings: Settings, remember: Remember | None) -> Response:
    """Put what was chosen into cookies of this host and go back to the page."""
    response = redirect(_same_site(request.form.get("back", "/")), 303)
    language = request.form.get("language")
    if language in offered_languages():
        _keep(response, settings, LANGUAGE_COOKIE, str(language))
        if remember is not None:
            remember(str(language))
    appearance = request.form.get("appearance")
    if appearance in APPEARANCES:
        _keep(response, settings, APPEARANCE_COOKIE, str(appearance))
    elif appearance:
        response.delete_cookie(APPEARANCE_COOKIE)
    return response  # type: ignore[return-value]  # werkzeug's class, which Flask extends


def _keep(response: object, settings: Settings, name: str, value: str) -> None:
    response.set_cookie(  # type: ignore[attr-defined]
        name, value, max_age=YEAR, secure=settings.secure, httponly=True, samesite="Lax"
    )


def _same_site(address: str) -> str:
    """Return the path of this site to go back to; anything else becomes the first page."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/"
    return address.rstrip("?")
