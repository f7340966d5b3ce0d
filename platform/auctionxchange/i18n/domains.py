"""One Flask-Babel domain object for each house, so that no house reads another's wording.

Flask-Babel keeps translations by language and domain name alone. A domain that looks at the
current house would therefore hand the first house's texts to the second; here every house has
an object of its own, and only a stateless dispatcher knows which one is asked.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from flask_babel import Babel, Domain, get_locale

from auctionxchange.i18n.catalogues import Reworded, catalogue
from auctionxchange.tenancy.current import bound_house
from auctionxchange.tenancy.house import House


def wording_of(house: House, language: str) -> Mapping[str, str]:
    """Return the messages a house has replaced, by the text they stand for."""
    messages = house.theme_settings.get("messages", {})
    chosen: Mapping[str, str] = messages.get(language, {})
    return chosen


class HouseDomain(Domain):
    """The texts of one house at one version; of the platform itself when there is no house."""

    def __init__(self, house: House | None) -> None:
        super().__init__(translation_directories=[])
        self._house = house

    def get_translations(self) -> NullTranslations:
        """Return the texts for the reader's language."""
        locale = get_locale()
        return self.translations_for(locale.language if locale else "en")

    def translations_for(self, language: str) -> NullTranslations:
        """Return the texts for one language, the house's wording before the catalogue's."""
        texts = catalogue(language)
        if self._house is None:
            return texts
        wording = wording_of(self._house, language)
        return Reworded(wording, texts) if wording else texts


@lru_cache(maxsize=4096)
def _domain(_schema: str, _version: int, house: House | None) -> HouseDomain:
    return HouseDomain(house)


def domain_of(house: House | None) -> HouseDomain:
    """Return the domain object of a house as it is at its version."""
    if house is None:
        return _domain("", 0, None)
    return _domain(house.schema, house.version, house)


class DispatchingDomain(Domain):
    """Asks the bound house's domain each time; keeps nothing itself."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[])

    def get_translations(self) -> NullTranslations:
        """Return the bound house's texts."""
        return domain_of(bound_house()).get_translations()


class HouseBabel(Babel):
    """Flask-Babel whose default domain belongs to the bound house."""

    def __init__(self) -> None:
        super().__init__()
        self._dispatching = DispatchingDomain()

    @property
    def domain_instance(self) -> Any:
        """Return the domain gettext uses."""
        return self._dispatching
