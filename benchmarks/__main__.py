"""`make bench`: print every figure of docs/performance.md and keep them as JSON."""

import sys

from benchmarks import (
    bids_http,
    catalogue_page,
    house_creation,
    invoices,
    live_latency,
    soak,
    tenancy_transaction,
    webhook,
)
from benchmarks.installation import installation

BENCHMARKS = {
    "tenancy_transaction": tenancy_transaction.run,
    "house_creation": house_creation.run,
    "catalogue_page": catalogue_page.run,
    "bids_http": bids_http.run,
    "live_latency": live_latency.run,
    "webhook": webhook.run,
    "invoices": invoices.run,
}
ASKED_FOR = {"soak": soak.run}
"""Run only by name."""


def main() -> None:
    """Run the named benchmarks, or all of them."""
    names = sys.argv[1:] or list(BENCHMARKS)
    with installation() as made:
        for name in names:
            {**BENCHMARKS, **ASKED_FOR}[name](made)


if __name__ == "__main__":
    main()
