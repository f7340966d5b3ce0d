"""Catalogues read straight from .po files into memory; nothing is compiled beforehand."""

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from time import monotonic

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
SOURCE_LANGUAGE = "en"


def languages() -> tuple[str, ...]:
    """Return the languages the code can speak, its own English first."""
    found = sorted(path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))
    return (SOURCE_LANGUAGE, *found)


def catalogue(language: str) -> NullTranslations:
    """Return the texts of a language; English and unknown languages say what the code says.

    A changed file is noticed within a second.
    """
    return _this_second(language, int(monotonic()))


@lru_cache(maxsize=64)
def _this_second(language: str, _second: int) -> NullTranslations:
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> Translations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parents[1].name))
    compiled.seek(0)
    return Translations(compiled)


class Reworded(NullTranslations):
    """A house's own wording in front of a catalogue."""

    def __init__(self, wording: Mapping[str, str], behind: NullTranslations) -> None:
        super().__init__()
        self.add_fallback(behind)
        self._wording = dict(wording)

    def gettext(self, message: str) -> str:
        """Return the house's wording, else the catalogue's."""
        return self._wording.get(message) or super().gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the house's wording of the form the catalogue would choose."""
        chosen = super().ngettext(msgid1, msgid2, n)
        return self._wording.get(chosen) or chosen

    ugettext = gettext
    ungettext = ngettext
