"""Collected files: named by their content, stylesheets joined, nothing missing silently."""

import json
from pathlib import Path

import pytest

from auctionxchange.theming import assets, themes
from auctionxchange.theming.assets import Assets, VendorMissing, collect, joined
from auctionxchange.theming.stylesheet import theme_stylesheet
from auctionxchange.theming.themes import load_theme


@pytest.fixture
def node_modules(tmp_path: Path) -> Path:
    """A folder with an empty file for everything the themes want from npm."""
    folder = tmp_path / "node_modules"
    wanted = [*assets.VENDOR.values()]
    for name in themes.theme_names():
        wanted += [face.file for face in load_theme(name).fonts]
    for name in wanted:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_files_are_found_under_a_name_that_holds_their_digest(
    tmp_path: Path, node_modules: Path
) -> None:
    manifest = collect(tmp_path / "static", node_modules)
    found = Assets(tmp_path / "static")
    address = found.address(("manor", "base"), "css/site.css")
    assert address == f"/static/{manifest['themes/base/css/site.css']}"
    assert (tmp_path / "static" / address.removeprefix("/static/")).is_file()
    assert found.address(("base",), "vendor/htmx.js").startswith("/static/vendor-")
    assert collect(tmp_path / "again", node_modules) == manifest


def test_a_changed_file_changes_its_trees_name_only(tmp_path: Path, node_modules: Path) -> None:
    before = collect(tmp_path / "static", node_modules)
    (node_modules / assets.VENDOR["htmx.js"]).write_text("another")
    after = collect(tmp_path / "static", node_modules)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name in before if name.startswith("vendor/")}


def test_a_missing_package_is_named(tmp_path: Path, node_modules: Path) -> None:
    (node_modules / assets.VENDOR["photoswipe.js"]).unlink()
    with pytest.raises(VendorMissing, match=r"photoswipe.* npm ci"):
        collect(tmp_path / "static", node_modules)


def test_a_stylesheets_imports_are_put_in_their_layers(tmp_path: Path) -> None:
    (tmp_path / "part.css").write_text(".a { color: red; }\n")
    (tmp_path / "all.css").write_text('@layer x;\n@import url("part.css") layer(x);\n')
    assert joined(tmp_path / "all.css") == "@layer x;\n@layer x {\n.a { color: red; }\n}\n"


def test_nothing_of_the_themes_is_left_to_import_at_run_time() -> None:
    for name in ("site.css", "workplace.css"):
        text = joined(themes.FOLDER / "base" / "static" / "css" / name)
        assert "@import" not in text
        assert "url(" not in text


def test_without_collected_files_pages_still_know_an_address(tmp_path: Path) -> None:
    nothing = Assets(tmp_path)
    assert not nothing.collected
    assert nothing.address(("base",), "css/site.css") == "/static/css/site.css"


def test_the_lock_holds_no_address_of_a_registry() -> None:
    lock = json.loads((themes.FOLDER.parent / "package-lock.json").read_text("utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


@pytest.mark.parametrize("name", themes.theme_names())
def test_a_theme_is_a_stylesheet_with_both_modes(name: str) -> None:
    theme = load_theme(name)
    text = theme_stylesheet(theme, lambda file: f"/static/{file}")
    assert ":root[data-theme=dark]" in text
    assert ":root[data-theme=light]" in text
    assert ("prefers-color-scheme" in text) == (theme.mode == "auto")
    assert text.count("{") == text.count("}")
    assert text.count("@font-face") == len(theme.fonts)
