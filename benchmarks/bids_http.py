"""Bids over HTTP with session, CSRF and registration check, beside pgbench doing the same rows.

32 connections bid on 1,000 lots through gunicorn as the Procfile runs it; then pgbench runs one
prepared function with the same row changes, as often and on the same server.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import secrets
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.installation import Installation
from benchmarks.results import keep, percentile
from benchmarks.sales import BenchSale, make_sale
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import create_engine, make_url, text

from auctionhouse.house_app import create_house_app
from auctionhouse.members.plane import members_plane
from auctionxchange.accounts.browsers import PURPOSE
from auctionxchange.kernel.database import driver_url
from auctionxchange.sandbox.postgres import EmbeddedPostgres, free_port
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory

LOTS, BIDDERS, CONNECTIONS, SECONDS = 1000, 400, 32, 10.0
GOAL = 0.2
READY_SECONDS = 30


def run(made: Installation) -> None:
    """Print both rates, their ratio and the latency of the HTTP bids."""
    with made.database.house_session(made.house) as session, session.begin():
        sale = make_sale(session, lots=LOTS, bidders=BIDDERS)
    visitors = _visitors(made, sale)
    with _web(made) as port:
        answers, taken = asyncio.run(_crowd(made, sale, visitors, port))
    http = answers[200] / SECONDS
    pgbench = _pgbench(made, sale)
    figures = {
        "http_bids_a_second": round(http),
        "pgbench_a_second": round(pgbench),
        "ratio": round(http / pgbench, 3),
        "p50_ms": round(percentile(taken, 0.5) * 1000, 1),
        "p99_ms": round(percentile(taken, 0.99) * 1000, 1),
        "answers": dict(sorted(answers.items())),
        "goal": f"ratio >= {GOAL}",
    }
    keep("bids_http", figures, made.postgres)


def _visitors(made: Installation, sale: BenchSale) -> list[tuple[str, str]]:
    """Write each bidder's signed-in cookie and form token, as a sign-in would leave them."""
    app = create_house_app(made.settings, made.database, Directory(made.database, made.settings))
    with made.database.house_session(made.house) as session, session.begin():
        rows = session.execute(
            text(
                "INSERT INTO member_session (id, member_id) SELECT gen_random_uuid(), id"
                " FROM member WHERE id = ANY(:ids) RETURNING id, member_id"
            ),
            {"ids": [member for _email, _client, member in sale.bidders]},
        ).all()
        known = session.execute(text("SELECT id, fs_uniquifier FROM member")).all()
        names: dict[int, str] = {row.id: row.fs_uniquifier for row in known}
    with acting_for(made.house), app.app_context():
        return [_cookie(app, names[member], browser) for browser, member in rows]


def _cookie(app: Flask, uniquifier: str, browser: uuid.UUID) -> tuple[str, str]:
    secret = secrets.token_hex(20)
    token = members_plane().serializer(PURPOSE).dumps([uniquifier, str(browser)])
    held = {"_user_id": token, "_fresh": True, "csrf_token": secret, "browser": str(browser)}
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    form = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(secret)
    return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(held)}", str(form)


@contextlib.contextmanager
def _web(made: Installation) -> Iterator[int]:
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": made.settings.database_url,
        "SECRET_KEY": made.settings.secret_key,
        "PUBLIC_URL": made.settings.public_url,
        "AUCTIONXCHANGE_ENVIRONMENT": "test",
        "MEDIA_ROOT": str(made.settings.media_root),
        "LOG_FORMAT": "json",
    }
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2"]
    command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", "wsgi:create_application()"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield port
        finally:
            process.terminate()


async def _crowd(
    made: Installation, sale: BenchSale, visitors: list[tuple[str, str]], port: int
) -> tuple[Counter[int], list[float]]:
    await _until_ready(port)
    answers: Counter[int] = Counter()
    taken: list[float] = []
    placed: Counter[int] = Counter()
    ends = time.perf_counter() + SECONDS

    async def bid_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while time.perf_counter() < ends:
            lot = random.randint(1, LOTS)  # noqa: S311 - a load, not a secret
            placed[lot] += 1
            cookie, token = random.choice(visitors)  # noqa: S311
            amount = str(200 * 2 ** placed[lot])
            body = urlencode({"csrf_token": token, "maximum": amount, "token": uuid.uuid4()})
            path = f"/sales/{sale.reference}/lots/{lot}/bid"
            started = time.perf_counter()
            writer.write(_request(made, path, cookie, body))
            answers[await _status(reader)] += 1
            taken.append(time.perf_counter() - started)
        writer.close()

    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    await asyncio.gather(*(bid_on(*stream) for stream in streams))
    return answers, taken


def _request(made: Installation, path: str, cookie: str, body: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {made.house.host(made.settings)}:8000\r\n"
        f"Accept: application/json\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    return (head + body).encode()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split(" ", 2)[1])


async def _until_ready(port: int) -> None:
    ends = time.perf_counter() + READY_SECONDS
    while time.perf_counter() < ends:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: nobody\r\n\r\n")
            await _status(reader)
            writer.close()
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("the web does not answer")


_FUNCTION = """
CREATE OR REPLACE FUNCTION "{schema}".same_rows(the_lot bigint, who bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT s.*, r.state AS registered INTO held FROM lot_state s
        LEFT JOIN registration r ON r.sale_id = s.sale_id AND r.client_id = who
        WHERE s.lot_id = the_lot FOR UPDATE OF s;
    UPDATE lot_state SET leader_client_id = who, price = coalesce(price, 20000) + 1000,
        maximum = sha256('m'), asking = coalesce(price, 20000) + 3000,
        bid_count = bid_count + 1, version = version + 1, chain_length = chain_length + 1,
        last_at = clock_timestamp() WHERE lot_id = the_lot;
    INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash, client_id, maximum, token,
        salt) VALUES (the_lot, held.chain_length + 1, clock_timestamp(), 'bid', repeat('x', 480),
        sha256('x'), who, sha256('m'), gen_random_uuid(), sha256('y'));
    INSERT INTO exchange.outbox (kind, topic, payload) VALUES
        ('live', 'sale:1', '{{"type":"lot","lot":1,"price":1,"asking":2,"bids":3}}'),
        ('live', 'member:1', '{{"type":"standing","lot":1,"price":1}}'),
        ('live', 'member:2', '{{"type":"standing","lot":1,"price":1}}'),
        ('job', 'bidding.outbid_mail', '{{"lot":1,"client":2,"price":1}}');
END $$
"""


def _pgbench(made: Installation, sale: BenchSale) -> float:
    """Run the same row changes as one prepared function; returns transactions a second."""
    url = make_url(driver_url(made.superuser_url)).set(database="bench")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(_FUNCTION.format(schema=made.house.schema))
    engine.dispose()
    script = made.folder / "same_rows.sql"
    first, clients = sale.lots[0], [client for _email, client, _member in sale.bidders]
    script.write_text(
        f"\\set lot random({first}, {first + LOTS - 1})\n"
        f"\\set who random({min(clients)}, {max(clients)})\n"
        "SELECT same_rows(:lot, :who);\n"
    )
    programs = EmbeddedPostgres(made.folder / "postgres").binaries()
    command = [str(programs / "pgbench"), "-n", "-f", str(script), "-M", "prepared"]
    command += ["-c", str(CONNECTIONS), "-j", "2", "-T", str(int(SECONDS))]
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603 - our own binaries
        [*command, address],
        env={**os.environ, "PGOPTIONS": f"-c search_path={made.house.schema}"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, json.dumps(done.stdout)
    return float(found[1])
