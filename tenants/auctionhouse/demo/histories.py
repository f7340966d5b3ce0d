"""Real bid histories turned into what simulated bidders do on a lot.

Amounts are scaled so that the history's final price meets what the lot is to reach, and times so
that the history fills the lot's own time.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

HISTORIES = Path(__file__).parent / "histories.jsonl"
LAST_MOMENT = timedelta(seconds=8)
"""A history ends so long before its lot does, so that the soft close is seen."""

ENDINGS = (1.0, 0.7, 1.3, 0.9, 1.7, 0.5, 1.1, 2.2, 0.8)
"""What lots reach, in middle estimates: some fly, and some stay below their reserve."""

WITHOUT_ESTIMATE = 4
"""What a lot without an estimate reaches, in openings, before its ending is applied."""


@dataclass(frozen=True, slots=True)
class Act:
    """One bid to place: when, by which simulated bidder, up to how much in minor units."""

    at: datetime
    bidder: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A lot to be played on: amounts in minor units, minor of which make a whole one."""

    name: str
    starts_at: datetime
    ends_at: datetime
    opening: int
    estimate: tuple[int | None, int | None]
    minor: int
    reaches: int | None = None
    """In minor units, where the programme says so."""

    @property
    def number(self) -> int:
        """Return what chooses its story; lots of different houses have different names."""
        return crc32(self.name.encode())

    @property
    def aim(self) -> int:
        """Return what the lot reaches."""
        if self.reaches is not None:
            return max(self.reaches, self.opening)
        low, high = self.estimate
        middle = (low + high) // 2 if low and high else self.opening * WITHOUT_ESTIMATE
        ending = ENDINGS[self.number // len(histories()) % len(ENDINGS)]
        return max(round(middle * ending), self.opening)


@cache
def histories() -> tuple[dict[str, Any], ...]:
    """Return the histories with a story to tell: several bidders and several bids."""
    lines = HISTORIES.read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line)


def acts(stage: Stage, bidders: int) -> Iterator[Act]:
    """Tell what happens on a lot, from its opening to what it reaches."""
    history = histories()[stage.number % len(histories())]
    lasts = stage.ends_at - stage.starts_at - LAST_MOMENT
    lowest = min(maximum for _moment, _who, maximum in history["bids"])
    scale = (stage.aim - stage.opening) / max(history["final"] - lowest, 1)
    for moment, who, maximum in history["bids"]:
        scaled = stage.opening + (maximum - lowest) * scale
        yield Act(
            at=stage.starts_at + lasts * moment,
            bidder=(who + stage.number) % bidders + 1,
            maximum=max(rounded(scaled, stage.minor), stage.opening),
        )


def rounded(amount: float, minor: int) -> int:
    """Round an amount in minor units as people bid: to two figures of whole units, down."""
    whole = int(amount) // minor
    step: int = 10 ** max(len(str(whole)) - 2, 0)
    return whole // step * step * minor
