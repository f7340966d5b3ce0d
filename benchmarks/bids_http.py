"""`make bench-bids`: bids over HTTP beside pgbench doing the same rows, in turns of a few seconds.

32 connections bid on 1,000 lots, then on one, with session, form token, registration check, ledger
and outbox, through gunicorn; between the turns pgbench runs one prepared function with the same row
changes on the same server. What is compared was measured within one minute.

A bid counts once it is answered for good: taken, or refused with its receipt kept. On 1,000 lots
nearly all are taken; on one lot 32 connections pass each other on the way, so that some come too
low. Both rates are told. pgbench refuses nothing: each of its transactions takes a bid.
"""

import operator
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.bidders import (
    CONNECTIONS,
    Crowd,
    Offer,
    Taken,
    Web,
    on_one_lot,
    rising,
    serving,
    sign_in,
)
from benchmarks.installation import Installation
from benchmarks.processor import processor_seconds, server_process
from benchmarks.results import keep, percentile
from benchmarks.sales import BenchSale, make_sale
from benchmarks.same_rows import SameRows

from auctionhouse.bidding.rules import State, Terms, decide

LOTS, BIDDERS, TWIN_BIDDERS = 1000, 3000, 400
"""So many bidders that none of them meets the limit of sixty bids a minute."""

WORKERS, THREADS = 2, 8
SECONDS, TURNS, WARM_SECONDS = 4.0, 5, 6.0
FLAT = {"increments": [[0, 100]]}
GOAL, HOT_GOAL, P99_GOAL_MS, RULES_GOAL = 0.25, 1.0, 100, 200_000
DECISIONS = 200_000
AGAINST = {"connections": CONNECTIONS, "seconds": round(SECONDS)}

Figures = dict[str, float | str]


def run(made: Installation) -> None:
    """Print rates, ratios and latencies."""
    sale, hot, rows = _prepared(made)
    lots = rows.sale.lots
    with serving(made, workers=WORKERS, threads=THREADS) as web:
        many, rate = _turns(web, sale, lambda: rows.rate(lots, **AGAINST), rising(LOTS))
        one, _rate = _turns(web, hot, lambda: rows.rate(lots[:1], **AGAINST), on_one_lot(1))
        paced = _paced(web, sale, rate * 0.8)
    figures = {
        "workers": WORKERS,
        "threads": THREADS,
        "connections": CONNECTIONS,
        "lots_1000": {**many, "goal": f"ratio >= {GOAL}"},
        "lots_1": {**one, "goal": f"ratio >= {HOT_GOAL}"},
        "at_80_percent": {**paced, "goal": f"p99_ms < {P99_GOAL_MS}"},
        "rules_alone_a_second": round(_rules_alone()),
        "rules_goal": RULES_GOAL,
    }
    keep("bids_http", figures, made.postgres)


def sizes(made: Installation) -> None:
    """Print what other numbers of processes and threads would give on 1,000 lots."""
    sale, _hot, rows = _prepared(made)
    found: dict[str, Figures] = {}
    for workers, threads in ((1, 8), (2, 4), (2, 8), (2, 16), (3, 8), (4, 8)):
        with serving(made, workers=workers, threads=threads) as web:
            against = lambda: rows.rate(rows.sale.lots, **AGAINST)  # noqa: E731
            figures, _rate = _turns(web, sale, against, rising(LOTS))
        found[f"{workers} x {threads}"] = {
            name: figures[name] for name in ("http", "ratio", "processor_us_a_bid", "p99_ms")
        }
    keep("bids_http_sizes", {"processes_x_threads": found}, made.postgres)


def _prepared(made: Installation) -> tuple[BenchSale, BenchSale, SameRows]:
    """Return a sale of many lots, one of a single lot, and the function on a third of its own."""
    with made.database.house_session(made.house) as session, session.begin():
        sale = make_sale(session, lots=LOTS, bidders=BIDDERS)
        hot = make_sale(session, lots=1, bidders=BIDDERS, terms=FLAT)
        twin = make_sale(session, lots=LOTS, bidders=TWIN_BIDDERS)
    rows = SameRows(made, twin)
    rows.create()
    return sale, hot, rows


def _turns(
    web: Web, sale: BenchSale, against: Callable[[], float], offer: Offer
) -> tuple[Figures, float]:
    """Let crowd and pgbench take turns; each turn's ratio is of that minute."""
    crowd = Crowd(web, sale, sign_in(web.made, sale), offer)
    crowd.bid(WARM_SECONDS)
    server = server_process(web.made.superuser_url)
    assert web.process is not None
    taken, http, pgbench, used, used_there = [], [], [], 0.0, 0.0
    for _ in range(TURNS):
        before = processor_seconds(server, web.process.pid)
        taken.append(crowd.bid(SECONDS))
        used += processor_seconds(server, web.process.pid) - before
        http.append(taken[-1].answered(SECONDS))
        before = processor_seconds(server, os.getpid()) - processor_seconds(web.process.pid)
        pgbench.append(against())
        used_there += processor_seconds(server, os.getpid()) - before
        used_there -= processor_seconds(web.process.pid)
    accepted = [one.accepted(SECONDS) for one in taken]
    ours = used / (sum(http) * SECONDS)
    theirs = used_there / (sum(pgbench) * SECONDS)
    figures: Figures = {
        "http": round(statistics.median(http)),
        "accepted": round(statistics.median(accepted)),
        "pgbench": round(statistics.median(pgbench)),
        "ratio": _ratio(http, pgbench),
        "ratio_of_accepted": _ratio(accepted, pgbench),
        "processor_us_a_bid": round(ours * 1e6),
        "processor_us_a_bid_pgbench": round(theirs * 1e6),
        "ratio_by_processor_time": round(theirs / ours, 3),
        **_latencies(taken),
    }
    return figures, statistics.median(http)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(float(statistics.median(map(operator.truediv, ours, theirs))), 3)


def _paced(web: Web, sale: BenchSale, rate: float) -> Figures:
    crowd = Crowd(web, sale, sign_in(web.made, sale), rising(LOTS, first=10**8))
    crowd.bid(WARM_SECONDS, rate=rate)
    return {"rate": round(rate), **_latencies([crowd.bid(SECONDS * 2, rate=rate)])}


def _latencies(turns: list[Taken]) -> Figures:
    seconds = [one for taken in turns for one in taken.seconds]
    answers = sum((taken.answers for taken in turns), Counter[int]())
    return {
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "answers": ", ".join(f"{status}: {count}" for status, count in sorted(answers.items())),
    }


def _rules_alone() -> float:
    """Return decisions a second of the rules on one core: two bidders who pass each other."""
    terms = Terms(increments=((0, 1000), (100_000, 5000)), opening=1000)
    state = State(0, 10**15, 10**15, reserve_met=True)
    started = time.process_time()
    for count in range(DECISIONS):
        state = decide(terms, state, count % 3, 2000 + count * 6000, count).state
    return DECISIONS / (time.process_time() - started)
