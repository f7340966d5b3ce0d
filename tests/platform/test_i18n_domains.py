"""Texts by house: one domain object each, the house's own wording first, straight from .po."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask_babel
import pytest
from flask import Flask, render_template_string

from auctionxchange.i18n import catalogues, gettext, install_i18n, lazy_gettext, ngettext
from auctionxchange.i18n.domains import domain_of
from auctionxchange.kernel.translation import gettext as kernel_gettext
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House

FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Lots"
msgstr "Lots (fr)"

msgid "%(num)d lot"
msgid_plural "%(num)d lots"
msgstr[0] "%(num)d lot (fr)"
msgstr[1] "%(num)d lots (fr)"
"""
OAK = House(
    schema="t_aaaaaaaaaaaa", slug="oak", name="Oak", status="active", currency="GBP",
    time_zone="Europe/London", country="GB", language="en", languages=("en", "fr"),
    theme="base", secret="s", theme_settings={"messages": {"en": {"Lots": "Works"}}},
)  # fmt: skip
ELM = replace(OAK, schema="t_bbbbbbbbbbbb", theme_settings={"messages": {"en": {"Lots": "Items"}}})
ASH = replace(OAK, schema="t_cccccccccccc", theme_settings={}, language="fr")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app with a French catalogue of two messages."""
    path = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(FRENCH, "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues._this_second.cache_clear()
    app = Flask("texts", static_folder=None, template_folder=None)
    install_i18n(app)
    yield app
    catalogues._this_second.cache_clear()


def everywhere(app: Flask, house: House) -> set[str]:
    """Return “Lots” as Python, the kernel, Flask-Babel, a lazy text and a template say it."""
    lazy: Any = lazy_gettext("Lots")
    with app.test_request_context("/"), acting_for(house):
        return {
            gettext("Lots"),
            kernel_gettext("Lots"),
            flask_babel.gettext("Lots"),
            str(lazy),
            render_template_string("{{ _('Lots') }}"),
        }


def test_failure_10_one_house_never_reads_another_houses_wording(app: Flask) -> None:
    """Failure 10, A then B then A. Seen to fail with `domain_of` keyed by nothing of the house."""
    assert [everywhere(app, house) for house in (OAK, ELM, OAK)] == [
        {"Works"},
        {"Items"},
        {"Works"},
    ]


def test_two_houses_in_one_app_context_each_read_their_own(app: Flask) -> None:
    """Jobs serve house after house. Seen to fail with the house's domain itself kept as default."""
    with app.app_context():
        said = []
        for house in (OAK, ELM):
            with acting_for(house):
                said.append((gettext("Lots"), flask_babel.gettext("Lots")))
    assert said == [("Works", "Works"), ("Items", "Items")]


def test_changed_wording_is_said_at_the_houses_next_version(app: Flask) -> None:
    everywhere(app, OAK)
    changed = replace(OAK, version=2, theme_settings={"messages": {"en": {"Lots": "Pieces"}}})
    assert everywhere(app, changed) == {"Pieces"}


def test_a_catalogue_is_read_from_po_with_its_plurals(app: Flask) -> None:
    assert everywhere(app, ASH) == {"Lots (fr)"}
    with app.test_request_context("/"), acting_for(ASH):
        assert [ngettext("%(num)d lot", "%(num)d lots", n) for n in (0, 1, 2)] == [
            "0 lot (fr)",
            "1 lot (fr)",
            "2 lots (fr)",
        ]


def test_a_changed_catalogue_is_read_again(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert everywhere(app, ASH) == {"Lots (fr)"}
    path = tmp_path / "fr" / "LC_MESSAGES" / "messages.po"
    path.write_text(FRENCH.replace("Lots (fr)", "Œuvres"), "utf-8")
    later = time.monotonic() + 2
    monkeypatch.setattr("auctionxchange.i18n.catalogues.monotonic", lambda: later)
    assert everywhere(app, ASH) == {"Œuvres"}


def test_each_house_has_its_own_object_and_the_platform_one_too() -> None:
    objects = [domain_of(OAK), domain_of(ELM), domain_of(None)]
    assert len({id(domain) for domain in objects}) == 3
    assert domain_of(OAK) is objects[0]


def test_a_language_without_a_catalogue_speaks_english(app: Flask) -> None:
    assert everywhere(app, replace(ASH, schema="t_dddddddddddd", language="de")) == {"Lots"}
