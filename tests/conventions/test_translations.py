"""Every text of the interface is in every catalogue, translated, with its variables."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from tools.messages import collected

from auctionxchange.i18n.catalogues import FOLDER, languages

VARIABLE = re.compile(r"%\((\w+)\)[sd]")


def catalogue_of(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language)


def parts(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return [message for message in collected() if message.id]


def test_french_is_spoken() -> None:
    assert "fr" in languages()


@pytest.mark.parametrize("language", languages()[1:])
def test_a_catalogue_says_everything_and_nothing_else(language: str, said: list[Message]) -> None:
    """`make messages` brings the catalogues up to date; what it adds has to be translated."""
    catalogue = catalogue_of(language)
    known = {parts(message.id): message for message in catalogue if message.id}
    wanted = {parts(message.id) for message in said}
    untranslated = [text for text in wanted if text in known and not all(parts(known[text].string))]
    assert sorted(wanted - known.keys()) == []
    assert sorted(known.keys() - wanted) == []
    assert sorted(untranslated) == []


@pytest.mark.parametrize("language", languages()[1:])
def test_a_translation_has_its_texts_variables(language: str) -> None:
    wrong = []
    for message in catalogue_of(language):
        allowed = set(VARIABLE.findall(" ".join(parts(message.id))))
        for text in parts(message.string) if message.id else ():
            found = set(VARIABLE.findall(text))
            if found != allowed and not (message.pluralizable and found <= allowed):
                wrong.append(text)
    assert wrong == []


def test_no_compiled_catalogue_is_kept() -> None:
    assert not list(FOLDER.rglob("*.mo"))
