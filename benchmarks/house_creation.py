"""How long it takes to make a house, from nothing to active."""

import secrets
import statistics
import time

from benchmarks.installation import Installation, new_house
from benchmarks.results import keep

HOUSES = 25
GOAL_MS = 250


def run(made: Installation) -> None:
    """Print the median of some creations."""
    taken = []
    for _ in range(HOUSES):
        started = time.perf_counter()
        new_house(made.addresses, made.database, made.settings, f"h{secrets.token_hex(5)}")
        taken.append((time.perf_counter() - started) * 1000)
    figures = {
        "median_ms": round(statistics.median(taken), 1),
        "slowest_ms": round(max(taken), 1),
        "houses": HOUSES,
        "goal": f"median <= {GOAL_MS} ms",
    }
    keep("house_creation", figures, made.postgres)
