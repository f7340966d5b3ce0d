"""The reader's own choices at the foot of every page: language and light or dark."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response as BaseResponse

from auctionxchange.i18n.choice import COOKIE as LANGUAGE_COOKIE
from auctionxchange.i18n.choice import offered_languages
from auctionxchange.kernel.config import Settings

APPEARANCE_COOKIE = "appearance"
APPEARANCES = ("light", "dark")
YEAR = 365 * 24 * 3600

Remember = Callable[[str], None]
"""Keeps a language with the signed-in member, so that mails speak it too."""


def preferences_view(settings: Settings, remember: Remember | None) -> Callable[[], BaseResponse]:
    """Return the view that keeps what the reader chose in cookies of this host.

    It changes nothing but how pages look, so it asks for no token: pages without a form of their
    own stay free of session cookies.
    """

    def preferences() -> BaseResponse:
        response = redirect(_same_site(request.form.get("back", "/")), 303)
        language = request.form.get("language", "")
        if language in offered_languages():
            _keep(response, settings, LANGUAGE_COOKIE, language)
            if remember is not None:
                remember(language)
        appearance = request.form.get("appearance", "")
        if appearance in APPEARANCES:
            _keep(response, settings, APPEARANCE_COOKIE, appearance)
        elif appearance:
            response.delete_cookie(APPEARANCE_COOKIE)
        return response

    return preferences


def _keep(response: BaseResponse, settings: Settings, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, secure=settings.secure, httponly=True, samesite="Lax"
    )


def _same_site(address: str) -> str:
    """Return the path of this site to go back to; anything else becomes the first page."""
    parts = urlsplit(address)
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/")
    if elsewhere or address.startswith(("//", "/\\")):
        return "/"
    return address.removesuffix("?")
