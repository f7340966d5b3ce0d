"""Rules of the house that no tool knows, held over the whole tree."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table

import auctionxchange.accounts.models  # noqa: F401 - registers the tables
from auctionhouse.house_app import create_house_app
from auctionxchange.kernel.config import REPOSITORY, Settings
from auctionxchange.kernel.database import Database, HouseBase, PlatformBase
from auctionxchange.tenancy.directory import Directory

LONGEST_FILE, LONGEST_FUNCTION = 400, 50
MEDIAN_FUNCTION, NINTH_FUNCTION = 8, 25
WRITTEN = {"tools/verify_ledger.py"}
"""Files that a program writes: long, since they are several in one."""

OURS = ("platform", "tenants", "benchmarks", "tools")
WORDS = "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X"))
NAMES = {"AuctionXchange", "media"}
"""Words that are no language: the platform, and a path in an address."""

OPEN_ENDPOINTS = {"static_files", "theme_stylesheet", "preferences"}
"""Pages without a reader: files, colours, and the choice of language."""


def tracked(*endings: str) -> list[Path]:
    """Return the files git knows or would take, by their endings."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    paths = [REPOSITORY / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in endings and path.exists()]


def sources() -> list[Path]:
    """Return our own Python files, tests and migrations left out."""
    roots = [REPOSITORY / name for name in OURS]
    return [
        path
        for path in tracked(".py")
        if any(root in path.parents for root in roots)
        and str(path.relative_to(REPOSITORY)) not in WRITTEN
    ]


def functions() -> Iterator[tuple[str, int]]:
    """Return each function's name and length in lines."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(REPOSITORY)}:{node.name}", length


def test_the_standard_librarys_platform_is_not_shadowed() -> None:
    assert not (REPOSITORY / "platform" / "__init__.py").exists()
    assert not [path for path in tracked(".py") if path.match("tests/**/__init__.py")]
    program = "import platform, stripe, sqlalchemy; platform.system()"
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True)


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): count
        for path in sources()
        if (count := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}
    ordered = sorted(lengths.values())
    assert statistics.median(ordered) <= MEDIAN_FUNCTION
    assert ordered[len(ordered) * 9 // 10] <= NINTH_FUNCTION


def test_nothing_is_left_for_later() -> None:
    pattern = re.compile(rf"#\s*({WORDS})\b|pytest\.mark\.(skip|xfail)|NotImplementedError\(")
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in tracked(".py", ".html", ".js", ".css", ".toml")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line) and path != Path(__file__)
    ]
    assert not found


def test_no_file_names_a_package_index() -> None:
    pattern = re.compile(r"--(extra-)?index-url|\"resolved\"\s*:|registry\s*=|/simple/")
    files = [path for path in tracked(".txt", ".toml", ".json") if path.name != Path(__file__).name]
    files.append(REPOSITORY / ".npmrc")
    assert not [path.name for path in files if pattern.search(path.read_text("utf-8"))]


def test_imports_keep_their_direction() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_rules_are_pure() -> None:
    """The rules that decide bids are read by an offline verifier: the standard library alone."""
    folder = REPOSITORY / "tenants" / "auctionhouse" / "bidding"
    names = ("rules", "ledger", "redecide", "selling", "buying")
    pure = [folder / f"{name}.py" for name in names]
    pure += [*folder.glob("*/rules.py"), *sorted((folder / "verifier").glob("*.py"))]
    known = {
        ".".join(("auctionhouse", "bidding", *path.relative_to(folder).with_suffix("").parts))
        for path in pure
    }
    for path in pure:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            roots = {module.partition(".")[0] for module in modules if module not in known}
            assert roots <= set(sys.stdlib_module_names), f"{path.name} imports {roots}"


def test_house_tables_have_no_schema_and_shared_ones_have_theirs() -> None:
    shared = {table.name for table in PlatformBase.metadata.tables.values()}
    assert all(table.schema == "exchange" for table in PlatformBase.metadata.tables.values())
    assert all(table.schema is None for table in HouseBase.metadata.tables.values())
    assert not shared & set(HouseBase.metadata.tables)


@pytest.mark.parametrize("table", HouseBase.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_house_table_never_points_outside_its_house(table: Table) -> None:
    for constraint in table.foreign_key_constraints:
        assert constraint.referred_table.schema is None


def test_every_route_of_a_house_says_who_may_enter(
    settings: Settings, database: Database, directory: Directory
) -> None:
    app = create_house_app(settings, database, directory)
    silent = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, "access") and endpoint not in OPEN_ENDPOINTS
    ]
    assert not silent


def test_templates_hold_no_code_and_no_styles_of_their_own() -> None:
    pattern = re.compile(r"\son\w+=\"|javascript:|<script(?![^>]*\bsrc=)|<style", re.IGNORECASE)
    pages = [path for path in tracked(".html") if "mail" not in str(path)]
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in pages
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line) or re.search(r"\sstyle=\"", line)
    ]
    assert not found


def test_words_on_pages_go_through_gettext() -> None:
    """Whatever stands between tags is a translation, a value or no letters at all."""
    classes = r"\{%\s*block (?:width|body_class)\s*%\}.*?\{%\s*endblock\s*%\}"
    code = re.compile(classes + r"|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
    tag = re.compile(r"<[^>]*>|&\w+;", re.DOTALL)
    found = []
    for path in tracked(".html"):
        bare = tag.sub(" ", code.sub(" ", path.read_text("utf-8")))
        words = [word for word in re.findall(r"[^\W\d_]{3,}", bare) if word not in NAMES]
        if words:
            found.append(f"{path.relative_to(REPOSITORY)}: {words[:6]}")
    assert not found
