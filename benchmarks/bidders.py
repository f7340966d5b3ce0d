"""Signed-in bidders, the web's processes, and a crowd that bids over HTTP as fast as it is let.

The crowd is one loop over plain sockets, so that it costs the machine little beside what it
measures.
"""

import contextlib
import heapq
import os
import random
import secrets
import selectors
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.installation import Installation
from benchmarks.sales import BenchSale
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from auctionhouse.house_app import create_house_app
from auctionhouse.members.plane import members_plane
from auctionxchange.accounts.browsers import PURPOSE
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory

READY_SECONDS = 120
CONNECTIONS = 32
_HEAD = (
    " HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nCookie: {cookie}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser: its cookie and the token its forms hold."""

    cookie: str
    token: str


def sign_in(made: Installation, sale: BenchSale) -> list[Visitor]:
    """Write each bidder's cookie and form token, as a sign-in would leave them."""
    directory = Directory(made.database, made.settings)
    app = create_house_app(made.settings, made.database, directory)
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
        return [_visitor(app, names[member], browser) for browser, member in rows]


def _visitor(app: Flask, uniquifier: str, browser: uuid.UUID) -> Visitor:
    secret = secrets.token_hex(20)
    token = members_plane().serializer(PURPOSE).dumps([uniquifier, str(browser)])
    held = {"_user_id": token, "_fresh": True, "csrf_token": secret, "browser": str(browser)}
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    form = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(secret)
    return Visitor(f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(held)}", str(form))


@dataclass
class Web:
    """The web's processes at one port."""

    made: Installation
    workers: int
    threads: int
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start them and wait until they answer."""
        settings = self.made.settings
        environ = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
            "PUBLIC_URL": settings.public_url,
            "AUCTIONXCHANGE_ENVIRONMENT": "test",
            "MEDIA_ROOT": str(settings.media_root),
            "LOG_FORMAT": "json",
        }
        command = [sys.executable, "-m", "gunicorn"]
        command += ["--worker-class", "auctionxchange.serving.worker.Worker"]
        command += ["--workers", str(self.workers), "--threads", str(self.threads)]
        command += ["--bind", f"127.0.0.1:{self.port}", "wsgi:create_application()"]
        self.process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)  # noqa: S603
        self.wait()

    def stop(self) -> None:
        """End them in order."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def wait(self) -> None:
        """Wait until they answer."""
        ends = time.perf_counter() + READY_SECONDS
        while time.perf_counter() < ends:
            with contextlib.suppress(OSError), _connection(self.port) as made:
                made.settimeout(3)
                made.sendall(b"GET / HTTP/1.1\r\nHost: nobody\r\n\r\n")
                if made.recv(64):
                    return
            time.sleep(0.2)
        raise RuntimeError("the web does not answer")


@contextlib.contextmanager
def serving(made: Installation, *, workers: int, threads: int) -> Iterator[Web]:
    """Run the web for a while."""
    web = Web(made, workers, threads)
    web.start()
    try:
        yield web
    finally:
        web.stop()


def _connection(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=READY_SECONDS)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


@dataclass(slots=True)
class Taken:
    """What a crowd was answered, by status, and how many seconds each answer took."""

    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def accepted(self, during: float) -> float:
        """Return the accepted bids a second."""
        return self.answers[200] / during


Offer = Callable[[], tuple[int, int]]
"""Returns a lot's number and an amount in whole units, new at each call."""


class Crowd:
    """Bidders at some connections, each waiting for its answer before it bids again."""

    def __init__(self, web: Web, sale: BenchSale, visitors: list[Visitor], offer: Offer) -> None:
        self._web, self._offer = web, offer
        host = f"{web.made.house.host(web.made.settings)}:8000"
        self._heads = [
            (
                _HEAD.format(host=host, cookie=one.cookie),
                f"csrf_token={one.token}&maximum=",
            )
            for one in visitors
        ]
        self._path = f"POST /sales/{sale.reference}/lots/"

    def bid(self, seconds: float, *, rate: float | None = None) -> Taken:
        """Bid for some seconds, at a rate a second or as fast as answers come.

        At a rate, an answer's time counts from when its bid was due, not from when a connection
        was free for it.
        """
        taken, poll = Taken(), selectors.DefaultSelector()
        free = deque(_connection(self._web.port) for _ in range(CONNECTIONS))
        for one in free:
            one.settimeout(0)
        open_now, started = list(free), time.perf_counter()
        ends, due = started + seconds, started
        sent: dict[socket.socket, float] = {}
        while time.perf_counter() < ends or sent:
            now = time.perf_counter()
            while free and now < ends and (rate is None or due <= now):
                one = free.popleft()
                one.send(self._request())
                sent[one] = now if rate is None else due
                poll.register(one, selectors.EVENT_READ, [b""])
                due += 1 / rate if rate else 0
            wait = None if rate is None or now >= ends or not free else max(due - now, 0)
            for key, _events in poll.select(wait):
                if self._answered(key, taken, sent):
                    poll.unregister(key.fileobj)
                    free.append(key.fileobj)  # type: ignore[arg-type]
        for one in open_now:
            one.close()
        poll.close()
        return taken

    def _request(self) -> bytes:
        lot, amount = self._offer()
        head, fields = random.choice(self._heads)  # noqa: S311 - a load, not a secret
        body = f"{fields}{amount}&token={uuid.uuid4()}"
        return f"{self._path}{lot}/bid{head}{len(body)}\r\n\r\n{body}".encode()

    def _answered(
        self, key: selectors.SelectorKey, taken: Taken, sent: dict[socket.socket, float]
    ) -> bool:
        one: socket.socket = key.fileobj  # type: ignore[assignment]
        read = one.recv(65536)
        if not read:
            raise ConnectionError("the web hung up")
        key.data[0] += read
        if not complete(key.data[0]):
            return False
        taken.seconds.append(time.perf_counter() - sent.pop(one))
        taken.answers[int(key.data[0][9:12])] += 1
        return True


def complete(answer: bytes) -> bool:
    """Tell whether an HTTP answer is all there."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    if not gap:
        return False
    _before, _name, length = head.lower().partition(b"content-length: ")
    return len(body) >= int(length.split(b"\r\n", 1)[0] or 0)


def rising(lots: int, *, first: int = 200, factor: float = 1.25) -> Offer:
    """Return offers on random lots, on each lot always more than before."""
    amounts: dict[int, float] = {}

    def offer() -> tuple[int, int]:
        lot = random.randint(1, lots)  # noqa: S311 - a load, not a secret
        amounts[lot] = amounts.get(lot, first) * factor + 1
        return lot, int(amounts[lot])

    return offer


def on_one_lot(lot: int, *, first: int = 200, step: int = 20) -> Offer:
    """Return offers on one lot, each a few steps above the last."""
    heap = [first]

    def offer() -> tuple[int, int]:
        return lot, heapq.heapreplace(heap, heap[0] + step)

    return offer
