"""What a house's transaction costs beside a plain one on the same machinery, in one run."""

import statistics
from collections.abc import Callable

from benchmarks.installation import Installation
from benchmarks.results import keep, timed
from sqlalchemy import text

from auctionxchange.kernel.database import SCOPE_OPTION, Database, Scope, house_scope

ROUNDS = 9
RUNS = 300
GOAL = 1.2


class _Plain(Scope):
    """A transaction that sets nothing."""

    @property
    def opening(self) -> str:
        """Return the bare statement."""
        return "BEGIN"


def run(made: Installation) -> None:
    """Print both costs and their ratio, round by round in turn."""
    plain = _transaction(made.database, _Plain("", ""))
    housed = _transaction(made.database, house_scope(made.house.schema))
    pairs = [(timed(housed, runs=RUNS), timed(plain, runs=RUNS)) for _ in range(ROUNDS)]
    ratios = [house / bare for house, bare in pairs]
    figures = {
        "house_ms": round(statistics.median(pair[0] for pair in pairs), 4),
        "plain_ms": round(statistics.median(pair[1] for pair in pairs), 4),
        "ratio": round(statistics.median(ratios), 3),
        "goal": f"ratio <= {GOAL}",
    }
    keep("tenancy_transaction", figures, made.postgres)


def _transaction(database: Database, scope: Scope) -> Callable[[], None]:
    engine = database.engine.execution_options(**{SCOPE_OPTION: scope})
    query = text("SELECT 1")

    def work() -> None:
        with engine.begin() as connection:
            connection.execute(query)

    return work
