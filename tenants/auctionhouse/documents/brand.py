"""How a house looks on paper: its name, its theme's colours for light, and its type."""

from collections.abc import Mapping
from dataclasses import dataclass

from auctionxchange.tenancy.current import current_house
from auctionxchange.theming.colour import hexadecimal
from auctionxchange.theming.current import current_theme
from auctionxchange.theming.paper_fonts import families

LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO"})
"""Where paper is of the size Letter (CLDR, paperSize); A4 everywhere else."""

_COLOURS = ("ink", "ink-soft", "line", "surface", "accent")


@dataclass(frozen=True, slots=True)
class Brand:
    """A house's look; colours as #rrggbb by role, families of type in order of preference."""

    name: str
    colours: Mapping[str, str]
    display: tuple[str, ...]
    text: tuple[str, ...]
    header: str
    size: str


def current_brand() -> Brand:
    """Return the look of the house the code acts for; raises NoHouse."""
    house, theme = current_house(), current_theme()
    return Brand(
        name=house.name,
        colours={role: hexadecimal(theme.light[role]) for role in _COLOURS},
        display=families(theme, "font-display"),
        text=families(theme, "font-text"),
        header=theme.layout["header"],
        size="us-letter" if house.country in LETTER_COUNTRIES else "a4",
    )
