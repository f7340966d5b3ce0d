"""gunicorn's threaded worker with a short way; named in --worker-class by its dotted name.

The thread that watches the connections reads a small form itself and, if the application takes it,
neither a thread of the pool nor the connection's registration is touched until it is answered. All
else goes gunicorn's own way, with the bytes that were read. Applications without a short way, and
settings that give connections another meaning, leave gunicorn's worker as it is.
"""

import errno
import gc
import time
from collections.abc import Sequence
from email.utils import formatdate
from functools import lru_cache, partial
from selectors import EVENT_READ
from socket import socket

from gunicorn import SERVER
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from auctionxchange.kernel.logs import logger
from auctionxchange.serving.express import Express, Reply
from auctionxchange.serving.plain_request import LARGEST, plain_request

_YOUNG = 20_000
"""Objects made before the collector looks at the young ones; bids leave next to no circles."""

_log = logger("serving")
_GONE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


class Connection(TConn):
    """A connection and, while a request of it is being decided, what was read of it."""

    received = b""
    muted = False


class Worker(ThreadWorker):
    """Serves forms the application takes at once, and everything else as gunicorn does."""

    def load_wsgi(self) -> None:
        """Load the application and see whether it has a short way."""
        super().load_wsgi()
        _settle()
        self._express: Express | None = getattr(self.wsgi, "express", None)
        self._waiting: dict[Connection, None] = {}
        if not _is_plain(self.cfg):
            self._express = None

    def accept(self, listener: socket) -> None:
        """Watch a new connection until there is something to read; no thread waits for it."""
        if self._express is None:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in _GONE:
                raise
            return
        self.nr_conns += 1
        made = Connection(self.cfg, client, address, listener.getsockname())
        self.poller.register(client, EVENT_READ, partial(self._readable, made))
        self._wait(made)

    def on_client_socket_readable(self, conn: Connection, client: socket) -> None:
        """Look at the next request of a connection that gunicorn served before."""
        if self._express is None:
            super().on_client_socket_readable(conn, client)
            return
        self.keepalived_conns.remove(conn)
        self.poller.modify(client, EVENT_READ, partial(self._readable, conn))
        self._readable(conn, client)

    def _wait(self, conn: Connection) -> None:
        """Let a connection wait for its next request, behind those that have waited longer."""
        conn.set_timeout()
        self._waiting[conn] = None

    def _readable(self, conn: Connection, client: socket) -> None:
        """Hand a plain request to the application, and anything else to gunicorn's threads."""
        if conn.received:
            # It cannot wait for its answer, or went away: heard again once it was answered.
            self.poller.unregister(client)
            conn.muted = True
            return
        self._waiting.pop(conn, None)
        try:
            conn.received = client.recv(LARGEST)
        except BlockingIOError:
            self._wait(conn)
            return
        except OSError:
            conn.received = b""
        if not conn.received:
            self._close(conn)
        elif not self._taken(conn):
            self._ordinary(conn)

    def _taken(self, conn: Connection) -> bool:
        request = plain_request(conn.received) if self.alive else None
        if request is None or self._express is None:
            return False
        try:
            return self._express(request, conn, self._deliver)
        except Exception as error:  # noqa: BLE001 - gunicorn's own way tells what is wrong
            _log.exception("express", error=type(error).__name__)
            return False

    def _ordinary(self, conn: Connection) -> None:
        """Have a thread of the pool read a request anew and serve it."""
        if not conn.muted:
            self.poller.unregister(conn.sock)
        conn.muted = False
        if conn.parser is None:
            conn.parser = get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(conn.received)
        conn.received, conn.data_ready = b"", True
        self.enqueue_req(conn)

    def _deliver(self, answers: Sequence[tuple[Connection, Reply | None]]) -> None:
        """Take answers from another thread; the watching one sends them all."""
        self.method_queue.defer(self._send, answers)

    def _send(self, answers: Sequence[tuple[Connection, Reply | None]]) -> None:
        for conn, reply in answers:
            if reply is None:
                self._ordinary(conn)
            elif self._sent(conn, reply) and self.alive:
                self._heard_again(conn)
            else:
                self._close(conn)

    def _sent(self, conn: Connection, reply: Reply) -> bool:
        """Send an answer; it is so small that only who has gone cannot take it at once."""
        answer = _written(reply, "keep-alive" if self.alive else "close")
        try:
            return int(conn.sock.send(answer)) == len(answer)
        except OSError:
            return False

    def _heard_again(self, conn: Connection) -> None:
        conn.received = b""
        if conn.muted:
            conn.muted = False
            self.poller.register(conn.sock, EVENT_READ, partial(self._readable, conn))
        self._wait(conn)

    def _close(self, conn: Connection) -> None:
        if not conn.muted:
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's
        """Close connections that have waited too long for a request, or all."""
        super().murder_keepalived(force)
        now = time.monotonic()
        while self._waiting:
            conn = next(iter(self._waiting))
            if conn.timeout > now and not force:
                break
            del self._waiting[conn]
            self._close(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Close waiting connections by a deadline when stopping."""
        super()._cap_keepalive(deadline)
        for conn in self._waiting:
            conn.timeout = min(conn.timeout, deadline)


def _settle() -> None:
    """Keep the collector from walking all that was loaded, each time anew and while bids wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


def _is_plain(settings: Config) -> bool:
    """Tell whether connections carry HTTP/1.1 from their first byte and nobody logs accesses."""
    other = settings.is_ssl or settings.http2_cleartext != "off"
    other = other or settings.proxy_protocol != "off"
    return bool(settings.keepalive) and not other and not settings.accesslog


def _written(reply: Reply, connection: str) -> bytes:
    head = (
        f"HTTP/1.1 {reply.status}\r\nServer: {SERVER}\r\nDate: {_date(int(time.time()))}\r\n"
        f"Connection: {connection}\r\nContent-Length: {len(reply.body)}\r\n"
    )
    return head.encode("latin-1") + reply.head + b"\r\n" + reply.body


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
