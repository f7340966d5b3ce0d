"""Documents name what there is: every room on the map, every setting, every guide, every link."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from auctionxchange.kernel.config import REPOSITORY, Settings

DERIVED = {"stripe_pages"}
"""What the settings hold that nobody sets: it follows from another."""

MAP = REPOSITORY / "docs" / "architecture.md"
README = REPOSITORY / "README.md"
ROOTS = ("platform/auctionxchange", "tenants/auctionhouse")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def documents() -> list[Path]:
    """Return every page of the documentation."""
    return [README, REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("root", ROOTS)
def test_every_room_is_on_the_map(root: str) -> None:
    drawn = MAP.read_text("utf-8").partition("## The map of rooms")[2].partition("\n## ")[0]
    rooms = [path.parent.name for path in (REPOSITORY / root).glob("*/__init__.py")]
    assert not [room for room in rooms if f"{room}/" not in drawn]


def test_every_guide_is_found_from_the_readme() -> None:
    read = README.read_text("utf-8")
    guides = (REPOSITORY / "docs" / "guides").glob("*.md")
    assert not [guide.name for guide in guides if f"docs/guides/{guide.name}" not in read]


def test_every_setting_is_in_the_table() -> None:
    told = (REPOSITORY / "docs" / "configuration.md").read_text("utf-8")
    names = {field.name for field in fields(Settings)} - DERIVED
    assert not [name for name in sorted(names) if f"{name.upper()}`" not in told]


@pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text("utf-8"))
    near = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in near if not (page.parent / link).exists()]
