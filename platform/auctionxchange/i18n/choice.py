"""Which language and which country's habits a reader gets."""

import re
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from flask import has_request_context, request
from flask_login import current_user
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from auctionxchange.i18n.accepted import best_language
from auctionxchange.i18n.catalogues import languages
from auctionxchange.tenancy.current import bound_house
from auctionxchange.tenancy.house import House

COOKIE = "language"
_WITH_COUNTRY = re.compile(r"([a-z]{2,3})[-_]([a-z]{2})", re.ASCII | re.IGNORECASE)


def offered_languages() -> tuple[str, ...]:
    """Return the languages the reader may choose from, the house's own first."""
    house = bound_house()
    if house is None:
        return languages()
    return tuple(dict.fromkeys((house.language, *house.languages)))


def choose_language() -> str:
    """Choose by the member's wish, the cookie, the browser's header, then the house's own."""
    offered = offered_languages()
    if not has_request_context():
        return offered[0]
    wishes = (_members_wish(), request.cookies.get(COOKIE))
    return _first_offered(offered, wishes, request.accept_languages)


def _first_offered(
    offered: tuple[str, ...], wishes: tuple[str | None, ...], accepted: LanguageAccept
) -> str:
    for wish in wishes:
        if wish in offered:
            return str(wish)
    return best_language(accepted, offered) or offered[0]


@lru_cache(maxsize=4096)
def locale_for(house: House, wish: str | None, cookie: str | None, accepted: str) -> str:
    """Choose as choose_locale does, for a reader told by wish, cookie and Accept-Language."""
    offered = tuple(dict.fromkeys((house.language, *house.languages)))
    header = parse_accept_header(accepted, LanguageAccept)
    return with_country(_first_offered(offered, (wish, cookie), header), house.country)


def choose_locale() -> str:
    """Return the language with the country whose habits of writing dates it follows.

    It is the house's; on the platform's own pages the reader's.
    """
    language = choose_language()
    house = bound_house()
    return with_country(language, house.country if house else _readers_country(language))


def _readers_country(language: str) -> str | None:
    """Return the country the browser names with the language: the platform has none of its own."""
    if not has_request_context():
        return None
    for code, _quality in request.accept_languages:
        named = _WITH_COUNTRY.fullmatch(code)
        if named and named[1].lower() == language:
            return named[2].upper()
    return None


@cache
def with_country(language: str, country: str | None) -> str:
    """Return language_COUNTRY where that is a known locale, else the language."""
    if not country or "_" in language:
        return language
    try:
        return str(Locale.parse(f"{language}_{country.upper()}"))
    except (UnknownLocaleError, ValueError):
        return language


def _members_wish() -> str | None:
    try:
        wish: str | None = getattr(current_user, "locale", None)
    except AttributeError:  # the app has no sign-in
        return None
    return wish
