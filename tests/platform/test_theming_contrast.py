"""Every theme can be read, light and dark: contrasts computed from its tokens (WCAG 2.2)."""

import pytest

from auctionxchange.theming.colour import (
    CONTROL_CONTRAST,
    TEXT_CONTRAST,
    contrast,
    hexadecimal,
    parse_colour,
)
from auctionxchange.theming.themes import customised, load_theme, theme_names

GROUNDS = ("ground", "surface", "mat")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link") for ground in GROUNDS),
    ("on-accent", "accent"),
    *((tone, "ground") for tone in ("good", "bad", "wait")),
    *((tone, "surface") for tone in ("good", "bad", "wait")),
    *((tone, f"{tone}-ground") for tone in ("good", "bad", "wait")),
    *(("ink", f"{tone}-ground") for tone in ("good", "bad", "wait")),
]
CONTROLS = [
    *((edge, ground) for edge in ("edge", "focus", "accent") for ground in ("ground", "surface")),
    *((tone, "ground") for tone in ("good", "bad", "wait")),
]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", theme_names())
def test_text_and_controls_stand_out(name: str, mode: str) -> None:
    colours = {role: parse_colour(value) for role, value in getattr(load_theme(name), mode).items()}
    weak = [
        f"{front} on {back}: {found:.2f} < {needed}"
        for needed, pairs in ((TEXT_CONTRAST, TEXT), (CONTROL_CONTRAST, CONTROLS))
        for front, back in pairs
        if (found := contrast(colours[front], colours[back])) < needed
    ]
    assert not weak, f"{name}, {mode}: {weak}"


def test_contrast_is_that_of_the_standard() -> None:
    white, black = parse_colour("oklch(1 0 0)"), parse_colour("oklch(0 0 0)")
    assert contrast(white, black) == pytest.approx(21, abs=0.01)
    assert contrast(white, white) == 1


def test_colours_agree_with_known_ones() -> None:
    """Reference values of CSS Color 4: red and the grey of 50 %."""
    assert hexadecimal("oklch(0.62796 0.25768 29.234)") == "#ff0000"
    assert hexadecimal("oklch(0.59987 0 0)") == "#808080"


@pytest.mark.parametrize("text", ["#fff", "oklch(1.2 0 0)", "oklch(0.5 0.1)", "url(x)", ""])
def test_only_plain_oklch_is_a_colour(text: str) -> None:
    with pytest.raises(ValueError, match=r"oklch|lightness"):
        parse_colour(text)


def test_a_houses_settings_make_another_version_of_its_theme() -> None:
    theme = load_theme("manor")
    own = customised(theme, {"colour": {"light": {"accent": "oklch(0.3 0.05 20)"}}})
    assert own.light["accent"] == "oklch(0.3 0.05 20)"
    assert own.light["ink"] == theme.light["ink"]
    assert own.version != theme.version
    assert customised(theme, {"messages": {}}) is theme
