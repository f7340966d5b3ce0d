"""Where figures are printed and kept: medians in benchmarks/results, one JSON file a benchmark."""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from auctionxchange.kernel.logs import configure_logs

RESULTS = Path(__file__).parent / "results"


def machine(postgres: str) -> dict[str, Any]:
    """Describe the machine as far as figures depend on it."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "postgres": postgres,
        "system": platform.system(),
    }


def keep(name: str, figures: dict[str, Any], postgres: str) -> None:
    """Print figures and write them to a file of their own."""
    RESULTS.mkdir(exist_ok=True)
    body = {"benchmark": name, "machine": machine(postgres), **figures}
    (RESULTS / f"{name}.json").write_text(json.dumps(body, indent=2) + "\n", "utf-8")
    sys.stdout.write(f"{name}\n")
    for key, value in figures.items():
        sys.stdout.write(f"  {key}: {value}\n")
    sys.stdout.flush()


@contextmanager
def lines_to_nowhere() -> Iterator[None]:
    """Have log lines made and written as in production, but to where nobody reads them."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        configure_logs("json")
        yield


def timed(work: Callable[[], Any], *, runs: int, warm: int = 5) -> float:
    """Return the median milliseconds of some runs after warming up."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of all values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
