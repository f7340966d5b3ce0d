"""Collect what the interface says into the translation catalogues: `make messages`.

New texts are added untranslated, texts no longer said are dropped, nothing is guessed. A
convention test fails while a catalogue lacks a text.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from auctionxchange.i18n.catalogues import FOLDER
from auctionxchange.kernel.config import REPOSITORY

SOURCES = ("platform", "tenants", "themes")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {
    "**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"},
    "**.txt": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"},
}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
}


def collected() -> Catalog:
    """Return every text the code and the templates say, with the files that say it."""
    catalogue = Catalog(fuzzy=False)
    for source in SOURCES:
        root = REPOSITORY / source
        for name, _line, message, comments, context in extract_from_dir(
            root, METHODS, OPTIONS, KEYWORDS
        ):
            place = f"{source}/{Path(name).as_posix()}"
            catalogue.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return catalogue


def updated(path: Path, texts: Catalog) -> bytes:
    """Return a catalogue with exactly these texts, translations kept where they are known."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.parents[1].name)
    known = catalogue.creation_date
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.creation_date = known
    content = BytesIO()
    write_po(content, catalogue, width=100, sort_output=True, ignore_obsolete=True,
             include_lineno=False)  # fmt: skip
    return content.getvalue()


def main() -> None:
    """Bring every committed catalogue up to date and say how much of it is translated."""
    texts = collected()
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        content = updated(path, texts)
        path.write_bytes(content)
        messages = [message for message in read_po(BytesIO(content)) if message.id]
        done = sum(all(_parts(message.string)) for message in messages)
        sys.stdout.write(f"{path.parents[1].name}: {done} of {len(messages)} texts translated\n")


def _parts(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


if __name__ == "__main__":
    main()
