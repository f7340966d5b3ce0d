"""Any document as PDF: its parts as plain values in, bytes out.

The values reach typst as JSON and are shown as text, so that nothing anybody typed is ever taken
for markup. The same values and the same day give the same bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from auctionhouse.documents.brand import Brand
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.theming import paper_fonts

TEMPLATE = Path(__file__).with_name("paper.typ")
OTHER_SCRIPTS = ("manimgx_fonts", "manimgx_fonts_cjk")
"""Packages with fonts for what the themes' own lack."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Amount:
    """A line of words and an amount as its reader writes it."""

    words: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class LotGroup:
    """A lot with what is charged for it; the label stands in the margin."""

    label: str
    title: str
    amounts: Sequence[Amount] = ()
    notes: Sequence[str] = ()
    kind: str = field(default="lot", init=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums at the right, a rule above them."""

    amounts: Sequence[Amount]
    kind: str = field(default="totals", init=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; ends names the columns set flush right, strong the rows set bold.

    wide is the column that takes what room is left.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    ends: Sequence[int] = ()
    strong: Sequence[int] = ()
    wide: int = 0
    title: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Panel:
    """Something to find at a glance: a bank account, a code."""

    title: str
    pairs: Sequence[Pair]
    large: str = ""
    kind: str = field(default="panel", init=False)


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs; small for what the law wants said."""

    texts: Sequence[str]
    small: bool = False
    kind: str = field(default="words", init=False)


Part = LotGroup | Totals | Table | Panel | Words


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: a title, who sends it to whom, some facts, and its parts in order.

    The first line of sender and recipient is set bold. made_on is the document's own day, which
    its file carries too; foot stands on each page.
    """

    title: str
    made_on: date
    sender: Sequence[str]
    recipient: Sequence[str]
    facts: Sequence[Pair]
    parts: Sequence[Part]
    foot: str = ""


def set_in_type(paper: Paper, brand: Brand, static_root: Path) -> bytes:
    """Return a document as PDF in the reader's language; raises FontsMissing."""
    # A compiler of one's own: its inputs belong to one document.
    compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts_of(static_root))
    noon = datetime.combine(paper.made_on, time(12), UTC)
    made = compiler.compile(format="pdf", sys_inputs={"paper": told(paper, brand)}, timestamp=noon)
    assert isinstance(made, bytes)
    return made


def told(paper: Paper, brand: Brand) -> str:
    """Return what the template reads, as JSON, with what it says by itself in the reader's way."""
    locale = reader_locale()
    values = {
        **_fields(paper),
        "made_on": paper.made_on.isoformat(),
        "brand": brand,
        "language": locale.language,
        "direction": locale.text_direction,
        "pages": _("Page %(number)s of %(total)s", number="{number}", total="{total}"),
    }
    return json.dumps(values, default=_fields)


def _fields(part: Any) -> dict[str, Any]:
    """Return a part's values by name; dataclasses.asdict would copy every one of them deeply."""
    return {one.name: getattr(part, one.name) for one in fields(part)}


class FontsMissing(Exception):
    """The themes' fonts were not collected for paper; `make assets` does that."""


@cache
def fonts_of(static_root: Path) -> typst.Fonts:
    """Return the fonts of all themes and of other scripts, read once a process."""
    own = static_root / paper_fonts.FOLDER
    if not own.is_dir():
        raise FontsMissing(f"{own} is missing; run: make assets")
    others = [found.origin for name in OTHER_SCRIPTS if (found := find_spec(name)) is not None]
    folders = [own, *(Path(origin).parent for origin in others if origin)]
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=folders,
    )
