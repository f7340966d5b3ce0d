"""Real bid histories turned into what simulated bidders do on a lot.

Amounts are scaled so that the history's final price meets the lot's estimate, and times so that
the history fills the lot's own time.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

HISTORIES = Path(__file__).parent / "histories.jsonl"
LAST_MOMENT = 0.985
"""A history ends shortly before its lot does, so that the soft close is seen."""


@dataclass(frozen=True, slots=True)
class Act:
    """One bid to place: when, by which simulated bidder, up to how much in minor units."""

    at: datetime
    bidder: int
    maximum: int


@cache
def histories() -> tuple[dict[str, Any], ...]:
    """Return the histories with a story to tell: several bidders and several bids."""
    lines = HISTORIES.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line)


def acts(
    number: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    opening: int,
    aim: int,
    step: int,
    bidders: int,
) -> Iterator[Act]:
    """Tell what happens on the lot with a number, from its opening to aim, where it should end."""
    history = histories()[number % len(histories())]
    lasts = ends_at - starts_at
    lowest = min(maximum for _moment, _who, maximum in history["bids"])
    scale = (aim - opening) / max(history["final"] - lowest, 1)
    for moment, who, maximum in history["bids"]:
        scaled = opening + round((maximum - lowest) * scale / step) * step
        yield Act(
            at=starts_at + timedelta(seconds=lasts.total_seconds() * moment * LAST_MOMENT),
            bidder=(who + number) % bidders + 1,
            maximum=max(scaled, opening),
        )
