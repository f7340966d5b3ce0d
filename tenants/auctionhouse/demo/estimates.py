"""Estimates, openings and reserves as a house would print them, in whole units of its currency."""

from dataclasses import dataclass
from random import Random

ESTIMATES = (
    (800, 1_200), (1_000, 1_500), (1_500, 2_000), (2_000, 3_000), (3_000, 5_000), (4_000, 6_000),
    (5_000, 7_000), (6_000, 8_000), (8_000, 12_000), (10_000, 15_000), (15_000, 20_000),
    (20_000, 30_000), (30_000, 50_000), (40_000, 60_000), (60_000, 80_000), (80_000, 120_000),
)  # fmt: skip
"""The pairs the trade prints, low and high."""

MODEST, FINE = ESTIMATES[:8], ESTIMATES[5:]
RESERVED = 0.4
"""The share of lots with a reserve, at eight tenths of the low estimate."""


@dataclass(frozen=True, slots=True)
class Valuation:
    """What a lot is put up at, in whole units."""

    low: int
    high: int
    opening: int
    reserve: int | None


def valuation(identifier: int, *, fine: bool) -> Valuation:
    """Value a work; the same work is always worth the same."""
    chance = Random(identifier)  # noqa: S311 - a story, not a secret
    low, high = chance.choice(FINE if fine else MODEST)
    reserve = low * 8 // 10 if chance.random() < RESERVED else None
    return Valuation(low, high, opening=low // 5, reserve=reserve)
