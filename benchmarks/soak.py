"""`make soak`: a storm of bids over HTTP while processes are killed, and the proof that it adds up.

64 connections send mixed submissions (raises, too low ones, tokens sent again, tokens with another
amount) to the web's real processes. At random one of these, or all, is killed with -9 and comes
back, and now and then a process of the database server, which then takes its crash for what it is:
it ends everything and recovers from its log. A submission without an answer is sent again with its
token until there is one. The result is printed and written into docs/reliability.md.
"""

import contextlib
import os
import random
import re
import signal
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.bidders import Visitor, Web, serving, sign_in
from benchmarks.bids_http import THREADS, WORKERS
from benchmarks.installation import Installation
from benchmarks.processor import server_process
from benchmarks.results import keep, machine
from benchmarks.sales import BenchSale, make_sale
from benchmarks.soak_proof import missing_receipts, prove

CONNECTIONS = 64
SUBMISSIONS = int(os.environ.get("SUBMISSIONS", "50000"))
BIDDERS = 3000
TRIES = 30
FLAT = {"increments": [[0, 100]]}
REPORT = Path(__file__).parent.parent / "docs" / "reliability.md"
_BEGIN, _END = "<!-- soak: begin -->\n", "<!-- soak: end -->\n"
_REFUSED = re.compile(r"/me/receipts/refused/([0-9a-f-]+)")
_STRANGE = "acknowledged without a receipt"


@dataclass(slots=True)
class Storm:
    """What the connections share: how much is left to send, and what was answered."""

    web: Web
    sale: BenchSale
    visitors: list[Visitor]
    left: int
    server: int
    """The process of the database server that starts the others."""

    answers: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[uuid.UUID, tuple[int, int]] = field(default_factory=dict)
    refused: set[uuid.UUID] = field(default_factory=set)
    amounts: Counter[int] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_left(self) -> bool:
        """Take one of the submissions that are left."""
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def offer(self) -> tuple[int, int]:
        """Return a lot's number and an amount, one in five too low."""
        lot = random.randint(1, len(self.sale.lots))  # noqa: S311 - a load, not a secret
        with self.lock:
            self.amounts[lot] += random.randint(2, 9)  # noqa: S311
            amount = 200 + self.amounts[lot]
        return lot, 1 if random.random() < 0.2 else amount  # noqa: S311, PLR2004


class Bidding(threading.Thread):
    """One connection of the storm."""

    def __init__(self, storm: Storm) -> None:
        super().__init__(daemon=True)
        self._storm = storm
        self._link: HTTPConnection | None = None
        self._last: tuple[Visitor, int, int, uuid.UUID] | None = None

    def run(self) -> None:
        """Send until nothing is left."""
        storm = self._storm
        while storm.next_left():
            visitor, lot, amount, token = self._choice()
            status, answer = self._asked(visitor, lot, amount, token)
            with storm.lock:
                storm.answers[str(status)] += 1
                if status == 200:  # noqa: PLR2004
                    self._acknowledge(lot, token, answer)
                elif refused := _REFUSED.search(answer):
                    storm.refused.add(uuid.UUID(refused[1]))

    def _choice(self) -> tuple[Visitor, int, int, uuid.UUID]:
        """Choose what to send: mostly new, sometimes the last again, with another amount too."""
        storm, chance = self._storm, random.random()  # noqa: S311
        if self._last is not None and chance < 0.1:  # noqa: PLR2004
            visitor, lot, amount, token = self._last
            return visitor, lot, amount + (chance < 0.05), token  # noqa: PLR2004
        lot, amount = storm.offer()
        self._last = random.choice(storm.visitors), lot, amount, uuid.uuid4()  # noqa: S311
        return self._last

    def _acknowledge(self, lot: int, token: uuid.UUID, answer: str) -> None:
        storm = self._storm
        found = re.search(r"/me/receipts/(\d+)/(\d+)", answer)
        told = (int(found[1]), int(found[2])) if found else (0, 0)
        if told[0] != storm.sale.lots[lot - 1]:
            storm.wrong.append(_STRANGE)
        if storm.acknowledged.setdefault(token, told) != told:
            storm.wrong.append(f"token {token} was acknowledged as two bids")

    def _asked(self, visitor: Visitor, lot: int, amount: int, token: uuid.UUID) -> tuple[int, str]:
        """Send until there is an answer that is one: a dead process answers nothing."""
        while True:
            with contextlib.suppress(OSError, HTTPException):
                answer = self._send(visitor, lot, amount, token)
                if answer[0] not in {502, 503}:
                    return answer
            self._link = None
            time.sleep(0.05)

    def _send(self, visitor: Visitor, lot: int, amount: int, token: uuid.UUID) -> tuple[int, str]:
        storm = self._storm
        if self._link is None:
            self._link = HTTPConnection("127.0.0.1", storm.web.port, timeout=30)
        made = storm.web.made
        self._link.request(
            "POST",
            f"/sales/{storm.sale.reference}/lots/{lot}/bid",
            urlencode({"csrf_token": visitor.token, "maximum": amount, "token": token}),
            {
                "Host": f"{made.house.host(made.settings)}:8000",
                "Accept": "application/json",
                "Cookie": visitor.cookie,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        answer = self._link.getresponse()
        return answer.status, answer.read().decode()


def run(made: Installation) -> None:
    """Let the storm rage on one lot and on many; raises SystemExit where something is wrong."""
    figures = {}
    with serving(made, workers=WORKERS, threads=THREADS) as web:
        for lots in (1, 1000):
            figures[f"lots_{lots}"] = _storm(made, web, lots, SUBMISSIONS)
    keep("soak", {"connections": CONNECTIONS, **figures}, made.postgres)
    _report(made, figures)
    if any(one["wrong"] for one in figures.values()):
        sys.exit("The storm left something wrong.")


def _storm(made: Installation, web: Web, lots: int, submissions: int) -> dict[str, object]:
    with made.database.house_session(made.house) as session, session.begin():
        sale = make_sale(session, lots=lots, bidders=BIDDERS, terms=FLAT)
    server = server_process(made.superuser_url)
    storm = Storm(web, sale, sign_in(made, sale), submissions, server)
    started, threads = time.perf_counter(), [Bidding(storm) for _ in range(CONNECTIONS)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        time.sleep(random.uniform(1, 4))  # noqa: S311
        _kill(storm)
        _have_back(web)
    took = time.perf_counter() - started
    with made.database.house_session(made.house) as session, session.begin():
        proof = prove(session, sale.lots, storm.acknowledged)
        proof.wrong += missing_receipts(session, sale.lots, storm.refused)
    return {
        "submissions": submissions,
        "seconds": round(took, 1),
        "answers": dict(sorted(storm.answers.items())),
        "killed": dict(sorted(storm.kills.items())),
        "acknowledged": len(storm.acknowledged),
        "in_the_ledgers": proof.bids,
        "wrong": [*storm.wrong, *proof.wrong][:20],
    }


def _kill(storm: Storm) -> None:
    """Kill a process of the web, sometimes all of them, sometimes one of the database server."""
    web, chance = storm.web, random.random()  # noqa: S311
    assert web.process is not None
    workers = _children(web.process.pid)
    if chance < 1 / 10:
        storm.kills["of the database server"] += 1
        _end(random.choice(_serving_the_web(storm.server)))  # noqa: S311
    elif chance < 1 / 4 or not workers:
        storm.kills["the whole web"] += 1
        for process in (web.process.pid, *workers):
            _end(process)
        web.process.wait()
    else:
        storm.kills["of the web"] += 1
        _end(random.choice(workers))  # noqa: S311


def _serving_the_web(server: int) -> list[int]:
    """Return the database server's processes that serve the web, or all if there is none now."""
    children, found = _children(server), []
    for one in children:
        with contextlib.suppress(OSError):
            if b" bench" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found or children


def _have_back(web: Web) -> None:
    """Wait until the web answers; if it came up while the database was away, start it again."""
    for _ in range(TRIES):
        assert web.process is not None
        with contextlib.suppress(RuntimeError):
            web.wait() if web.process.poll() is None else web.start()
            return
        time.sleep(1)
    raise RuntimeError("the web does not come back")


def _end(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8")
    return [int(one) for one in listed.split()]


def _report(made: Installation, figures: dict[str, dict[str, object]]) -> None:
    """Write the result into the document, between its marks, and print it."""
    on = machine(made.postgres)
    lines = [
        f"On {on['cores']} cores with PostgreSQL {on['postgres']} and Python {on['python']}:",
        "",
        "| lots | sent | seconds | taken, refused | killed | acknowledged | in ledgers | wrong |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in figures.items():
        answers = one["answers"]
        assert isinstance(answers, dict)
        wrong, killed = one["wrong"], one["killed"]
        assert isinstance(wrong, list)
        assert isinstance(killed, dict)
        kills = ", ".join(f"{count} {what}" for what, count in killed.items())
        lines.append(
            f"| {int(name.removeprefix('lots_')):,} | {one['submissions']:,} | {one['seconds']} |"
            f" {answers.get('200', 0):,} / {answers.get('409', 0):,} | {kills} |"
            f" {one['acknowledged']:,} | {one['in_the_ledgers']:,} |"
            f" {'; '.join(map(str, wrong)) or 'nothing'} |"
        )
    text = "\n".join(lines) + "\n"
    page = REPORT.read_text("utf-8")
    before, _begin, rest = page.partition(_BEGIN)
    REPORT.write_text(f"{before}{_BEGIN}{text}{_END}{rest.partition(_END)[2]}", "utf-8")
    sys.stdout.write(text)
