"""The ways of selling that one sale of every demo house shows, a lot of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    """A lot's own terms; where it has several pieces they are prints after the work."""

    terms: Mapping[str, Any] = field(default_factory=dict)
    pieces: int = 1


WAYS_OF_SELLING = (
    Way({"format": "sealed_first", "sealed": {"changes": "withdraw"}}),
    Way({"format": "sealed_second", "sealed": {"changes": "replace", "count": False}}),
    Way({"bid_for": "piece"}, pieces=6),
    Way(
        {"format": "sealed_pieces", "sealed": {"changes": "replace", "pays": "lowest_winning"}},
        pieces=40,
    ),
)
"""In the order of their lots; the sale itself is timed."""
