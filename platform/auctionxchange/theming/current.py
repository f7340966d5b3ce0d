"""The theme of the house the running code acts for; the base theme on the platform's pages."""

from functools import lru_cache

from auctionxchange.tenancy.current import bound_house
from auctionxchange.tenancy.house import House
from auctionxchange.theming.themes import BASE, Theme, ThemeUnknown, customised, load_theme


def current_theme() -> Theme:
    """Return the bound house's theme with its own settings."""
    house = bound_house()
    if house is None:
        return load_theme(BASE)
    return _theme_of(house.schema, house.version, house.theme, house)


@lru_cache(maxsize=4096)
def _theme_of(_schema: str, _version: int, _theme: str, house: House) -> Theme:
    try:
        theme = load_theme(house.theme)
    except ThemeUnknown:  # a theme that was taken away must not take the house's pages down
        theme = load_theme(BASE)
    return customised(theme, house.theme_settings)
