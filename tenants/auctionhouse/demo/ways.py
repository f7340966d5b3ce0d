"""The ways of selling that one sale of every demo house shows, a lot of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    """A lot's own terms; where it has several pieces they are prints after the work."""

    terms: Mapping[str, Any] = field(default_factory=dict)
    pieces: int = 1
    falls: bool = False
    """Whether its clock falls over the time of the sale; from where, its own price says."""


WAYS_OF_SELLING = (
    Way({"format": "sealed_first", "sealed": {"changes": "withdraw"}}),
    Way({"format": "sealed_second", "sealed": {"changes": "replace", "count": False}}),
    Way({"bid_for": "piece"}, pieces=6),
    Way(
        {"format": "sealed_pieces", "sealed": {"changes": "replace", "pays": "lowest_winning"}},
        pieces=40,
    ),
    Way({"format": "dutch", "bid_for": "piece"}, pieces=12, falls=True),
    Way({"format": "dutch"}, falls=True),
    Way({"format": "choice", "choice": {"hours": 24}}, pieces=5),
)
"""In the order of their lots; the sale itself is timed."""

STARTS_TIMES_HIGH = 2
"""So many times the high estimate, which no reserve is above."""

STEPS, EVERY_S = 115, 60
"""Of a clock: some two hours, the time the sale lasts."""


def clock_from(opening: int, high: int, minor: int) -> dict[str, int]:
    """Return a clock that falls to an opening price in whole units, amounts in minor units."""
    way = STARTS_TIMES_HIGH * high - opening
    step = max(-(-way // (STEPS * minor)), 1) * minor
    steps = min(STEPS, -(-way // step))
    return {"start": opening + steps * step, "step": step, "every_s": EVERY_S * STEPS // steps}
