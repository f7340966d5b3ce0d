"""Checks on what a house is created with."""

import zoneinfo
from functools import cache
from typing import Protocol

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies
from email_validator import EmailNotValidError, validate_email

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.money import CurrencyUnknown
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.theming.themes import theme_names

LONGEST_NAME = 120
LANGUAGES = ("en", "fr")
"""Languages of the interface."""


class Profile(Protocol):
    """The parts of a house a person chooses."""

    @property
    def name(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def theme(self) -> str: ...
    @property
    def owner_email(self) -> str: ...


class ProfileInvalid(Invalid):
    """One field of a house's profile cannot be used; fields hold its name and the advice."""

    code = "profile_invalid"

    def __init__(self, field: str, advice: str) -> None:
        super().__init__(field=field, advice=advice)

    def message(self) -> str:
        return str(self.fields["advice"])


def checked_profile(profile: Profile) -> None:
    """Raise ProfileInvalid or CurrencyUnknown for the first field that cannot be used."""
    _check_name(profile.name)
    checked_currency(profile.currency)
    if profile.time_zone not in zoneinfo.available_timezones():
        raise ProfileInvalid("time_zone", _("Use a time zone such as Europe/London."))
    if profile.country not in get_global("territory_zones") or len(profile.country) != 2:  # noqa: PLR2004
        raise ProfileInvalid("country", _("Use a two-letter country code such as GB."))
    if profile.theme not in theme_names():
        names = ", ".join(theme_names())
        raise ProfileInvalid("theme", _("Choose one of these themes: %(names)s.", names=names))
    for language in (profile.language, *profile.languages):
        _check_language(language)
    checked_owner(profile.owner_email)


def _check_name(name: str) -> None:
    if not name.strip():
        raise ProfileInvalid("name", _("Give the house a name."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        told = _("Use at most %(n)s characters, in one line.", n=LONGEST_NAME)
        raise ProfileInvalid("name", told)


def checked_currency(code: str) -> None:
    """Raise CurrencyUnknown for what nobody pays in today: gold and marks are codes too."""
    if code not in tender():
        raise CurrencyUnknown(code)


@cache
def tender() -> frozenset[str]:
    """Return the currencies that are legal tender somewhere now, by CLDR."""
    lands = get_global("territory_currencies")
    return frozenset(code for land in lands for code in get_territory_currencies(land))


def checked_owner(address: str) -> None:
    """Raise ProfileInvalid for what is no e-mail address."""
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ProfileInvalid("owner_email", _("Type a full e-mail address.")) from error


def _check_language(language: str) -> None:
    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError) as error:
        raise ProfileInvalid("language", _("Use a language code such as en.")) from error
    if language not in LANGUAGES:
        names = ", ".join(LANGUAGES)
        raise ProfileInvalid(
            "language", _("Choose one of these languages: %(names)s.", names=names)
        )
