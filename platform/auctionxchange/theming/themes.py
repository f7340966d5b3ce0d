"""Themes: tokens, layout choices and fonts read from theme.toml, immutable and with a version.

A theme names only what differs from its parent. Its version is a hash over everything it says,
so whatever is cached under it never has to be cleared.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from auctionxchange.theming.colour import Colour

FOLDER = Path(__file__).resolve().parents[3] / "themes"
BASE = "base"


class ThemeUnknown(LookupError):
    """There is no folder of that name with a theme.toml."""


@dataclass(frozen=True, slots=True)
class FontFace:
    """One self-hosted font file; the address is relative to the collected vendor files."""

    family: str
    file: str
    weight: str
    style: str
    range: str
    preload: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """How a house looks. Colours are OKLCH by role, for light and for dark."""

    name: str
    title: str
    lineage: tuple[str, ...]
    mode: str
    light: Mapping[str, str]
    dark: Mapping[str, str]
    tokens: Mapping[str, str]
    layout: Mapping[str, str]
    fonts: tuple[FontFace, ...]
    version: str

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the theme's folder and its ancestors', nearest first."""
        return tuple(FOLDER / name for name in self.lineage)


@cache
def load_theme(name: str) -> Theme:
    """Read a theme with all it inherits; raises ThemeUnknown."""
    lineage, merged = _inherit(name)
    return _built(name, lineage, merged)


def customised(theme: Theme, settings: Mapping[str, Any]) -> Theme:
    """Return the theme with a house's own tokens, layout choices and colours over it."""
    own = {
        part: settings[part]
        for part in ("tokens", "layout", "colour", "neutral")
        if part in settings
    }
    if not own:
        return theme
    lineage, merged = _inherit(theme.name)
    return _built(theme.name, lineage, _over(merged, own))


def theme_names() -> tuple[str, ...]:
    """Return the names of all themes."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/theme.toml")))


def _inherit(name: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    path = FOLDER / name / "theme.toml"
    if not path.is_file():
        raise ThemeUnknown(name)
    own = tomllib.loads(path.read_text("utf-8"))
    parent = own.pop("parent", None)
    if parent is None:
        return (name,), own
    lineage, inherited = _inherit(parent)
    return (name, *lineage), _over(inherited, own)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another; tables merge, everything else replaces."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            merged[key] = _over(known, value)
        else:
            merged[key] = value
    return merged


def _built(name: str, lineage: tuple[str, ...], merged: dict[str, Any]) -> Theme:
    content = json.dumps([lineage, merged], sort_keys=True)
    faces = tuple(
        FontFace(
            family=face["family"],
            file=face["file"],
            weight=str(face.get("weight", "400")),
            style=face.get("style", "normal"),
            range=merged["ranges"][face.get("range", "latin")],
            preload=bool(face.get("preload", False)),
        )
        for family in merged.get("fonts", {}).values()
        for face in family
    )
    return Theme(
        name=name,
        title=merged["title"],
        lineage=lineage,
        mode=merged.get("mode", "auto"),
        light=_colours(merged, "light"),
        dark=_colours(merged, "dark"),
        tokens=MappingProxyType(dict(merged["tokens"])),
        layout=MappingProxyType(dict(merged["layout"])),
        fonts=faces,
        version=sha256(content.encode()).hexdigest()[:12],
    )


def _colours(merged: Mapping[str, Any], mode: str) -> Mapping[str, str]:
    """Return the neutral ramp and the colours by role, references to the ramp resolved."""
    neutral = merged["neutral"]
    ramp = {
        f"n{step}": Colour(lightness, neutral["chroma"], neutral["hue"]).css()
        for step, lightness in enumerate(neutral[mode])
    }
    roles = {role: ramp.get(value, value) for role, value in merged["colour"][mode].items()}
    return MappingProxyType(ramp | roles)
