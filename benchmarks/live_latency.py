"""How long an event takes from its commit to the last of many viewers, and past what load.

A gateway runs as a process of its own; the viewers are plain sockets in this one, so that they
cost the machine little. Writer and viewers read the same clock.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.installation import Installation
from benchmarks.results import keep, percentile

from auctionxchange.kernel.outbox import announce
from auctionxchange.live.tokens import Permission, issue_token
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.sandbox.processes import own_environment

VIEWERS = 200
EVENTS = 60
PAUSE_SECONDS = 0.05
CHANNEL = "sale:1"
GOAL_MS = 250


def run(made: Installation) -> None:
    """Print percentiles over all deliveries to all viewers."""
    with _gateway(made) as port:
        delays = asyncio.run(_measure(made, port))
    assert len(delays) == VIEWERS * EVENTS, "a viewer missed an event"
    figures = {
        "viewers": VIEWERS,
        "events": EVENTS,
        "p50_ms": round(statistics.median(delays), 1),
        "p99_ms": round(percentile(delays, 0.99), 1),
        "slowest_ms": round(max(delays), 1),
        "goal": f"p99 <= {GOAL_MS} ms",
    }
    keep("live_latency", figures, made.postgres)


@contextmanager
def _gateway(made: Installation) -> Iterator[int]:
    port = free_port()
    environ = own_environment(
        {
            "DATABASE_URL": made.settings.database_url,
            "SECRET_KEY": made.settings.secret_key,
            "PUBLIC_URL": made.settings.public_url,
            "LIVE_PORT": str(port),
        }
    )
    process = subprocess.Popen([sys.executable, "-m", "auctionxchange.live"], env=environ)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


async def _measure(made: Installation, port: int) -> list[float]:
    token = issue_token(made.settings, made.house, Permission((CHANNEL,), None))
    request = (
        f"GET /live/stream?token={token} HTTP/1.1\r\n"
        f"Host: {made.house.host(made.settings)}:8000\r\n\r\n"
    ).encode()
    ready = asyncio.Semaphore(0)
    viewers = [asyncio.create_task(_view(port, request, ready)) for _ in range(VIEWERS)]
    for _ in viewers:
        await ready.acquire()
    committed = await asyncio.to_thread(_announce_all, made)
    received = await asyncio.gather(*viewers)
    return [
        (moment - committed[number]) * 1000 for seen in received for number, moment in seen.items()
    ]


async def _view(port: int, request: bytes, ready: asyncio.Semaphore) -> dict[int, float]:
    """Follow the stream and return when each event came."""
    reader, writer = await _connect(port)
    writer.write(request)
    seen: dict[int, float] = {}
    while len(seen) < EVENTS:
        line = await reader.readline()
        if line.startswith(b"event: ready"):
            ready.release()
        elif line.startswith(b'data: {"channel"'):
            seen[json.loads(line[6:])["number"]] = time.perf_counter()
    writer.close()
    return seen


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)


def _announce_all(made: Installation) -> dict[int, float]:
    """Commit events one after another, as large as a lot's; returns when each was committed."""
    committed = {}
    shown = {"type": "lot", "lot": 1, "price": 120_000, "asking": 130_000, "bids": 12}
    for number in range(EVENTS):
        with made.database.house_connection(made.house) as connection:
            announce(connection, CHANNEL, {**shown, "version": number, "number": number})
        committed[number] = time.perf_counter()
        time.sleep(PAUSE_SECONDS)
    return committed
