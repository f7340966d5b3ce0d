"""The themes' web fonts as files for paper, made when static files are collected.

Typst reads TrueType but no WOFF2, and finds a font by family: a theme's second file of a family
(its extended Latin) therefore gets a name of its own, and both stand in the list of families.
"""

import re
from io import BytesIO

from fontTools.ttLib import TTFont

from auctionxchange.theming.themes import FontFace, Theme

FOLDER = "paper"
"""Below the collected static files."""

_FAMILY_NAMES = (1, 16)
_QUOTED = re.compile(r'"([^"]+)"')
_REFERENCE = re.compile(r"var\(--([a-z-]+)\)")


def paper_file(face: FontFace) -> str:
    """Return the name of a font's file for paper."""
    return face.file.rpartition("/")[2].replace(".woff2", ".ttf")


def paper_family(face: FontFace) -> str:
    """Return the family a font has on paper: its own, or one with its subset's name.

    Typst takes words such as Variable or Extended at a name's end for a style and drops them.
    """
    family = face.family.removesuffix(" Variable")
    return f"{family} Beyond" if "-latin-ext-" in face.file else family


def converted(woff2: bytes, family: str) -> bytes:
    """Return a web font as TrueType under a family's name; its weights stay variable."""
    # Times are left as they were: the same font is the same bytes.
    font = TTFont(BytesIO(woff2), recalcTimestamp=False)
    font.flavor = None
    for record in font["name"].names:
        if record.nameID in _FAMILY_NAMES:
            record.string = family
    content = BytesIO()
    font.save(content)
    return content.getvalue()


def families(theme: Theme, token: str) -> tuple[str, ...]:
    """Return the families a theme's token (font-text, font-display) names, as paper knows them."""
    value = theme.tokens[token]
    while (found := _REFERENCE.fullmatch(value)) is not None:
        value = theme.tokens[found[1]]
    named = _QUOTED.findall(value)
    return tuple(dict.fromkeys(paper_family(face) for face in theme.fonts if face.family in named))
