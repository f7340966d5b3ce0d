"""The short way through gunicorn: what may take it, and that all else is served as before."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from hypothesis import example, given
from hypothesis import strategies as st

from auctionxchange.sandbox.postgres import free_port
from auctionxchange.serving.plain_request import LARGEST, LONGEST_PATH, plain_request
from factories.raw import as_gunicorn_reads, written

FORM = b"maximum=12&token=a%20b"
PATIENCE_SECONDS = 60
WORKER = "auctionxchange.serving.worker.Worker"


def post(path: str = "/now", form: bytes = FORM, *more: str, **changed: str | None) -> bytes:
    """Write a request as a browser sends a form; changed fields replace or, as None, remove."""
    fields = {
        "Host": "oak.example:8000",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Cookie": "session=abc; language=fr",
    }
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return written(path, form, {**fields, **named}, *more)


@pytest.mark.parametrize(
    "received",
    [
        post().replace(b"POST", b"GET", 1),
        post().replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        post()[:-1],
        post() + b"x",
        post() + post(),
        post("/now?x=1"),
        post("/a%20b"),
        post("http://oak.example/now"),
        post(Host=None),
        post(Content_Length=None),
        post(Content_Length="+22"),
        post(Content_Length="022"),
        post(Content_Type="multipart/form-data"),
        post(Connection="close"),
        post(Connection="Upgrade"),
        post("/now", FORM, "Host: elm.example"),
        post("/now", FORM, "Cookie: session=other"),
        post("/now", FORM, "Content-Length: 22"),
        post("/now", FORM, *("X-Odd: 1" for _ in range(96))),
        post(f"/{'a' * 1000}"),
        post("/now", FORM, "X-Forwarded-Proto: http", "X-Forwarded-Proto: https"),
        post("/now", FORM, "X-Forwarded-Ssl: on"),
        post("/now", FORM, "Transfer-Encoding: chunked"),
        post("/now", FORM, "Expect: 100-continue"),
        post("/now", FORM, "X_Forwarded_For: 1.2.3.4"),
        post("/now", FORM, "X-Odd : 1"),
        post("/now", FORM, "X-Odd: a\n b"),
        post("/now", FORM, "X-Odd: a\x00b"),
        post("/now", FORM, "X-Odd: a\rb"),
        post().replace(b"\r\n", b"\n"),
        b"",
        b"\r\n" + post(),
    ],
)
def test_what_is_not_plain_is_not_read(received: bytes) -> None:
    assert plain_request(received) is None


def test_a_form_is_read_as_gunicorn_reads_it() -> None:
    received = post("/sales/a-1/lots/2/bid", FORM, "X-Other: 1", "Sec-Fetch-Mode: cors",
                    Connection="Keep-Alive", Accept_Language=" fr-CH;q=0.9 ")  # fmt: skip
    plain = plain_request(received)
    assert plain is not None
    environ, body, left = as_gunicorn_reads(received)
    assert (plain.form, b"") == (body, left)
    told = {name: environ.get(name) for name in plain.environ}
    assert plain.environ == told
    assert told["HTTP_ACCEPT_LANGUAGE"] == "fr-CH;q=0.9"


def test_what_is_as_large_as_may_be_is_read_by_gunicorn_too() -> None:
    received = post(f"/{'a' * (LONGEST_PATH - 1)}", FORM, *("X-Odd: 1" for _ in range(95)))
    for large in (received, post("/now", FORM, f"X-Odd: {'a' * 7000}")):
        assert plain_request(large) is not None
        assert as_gunicorn_reads(large).body == FORM
    assert Config().limit_request_field_size >= LARGEST


PIECES = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"0", b"\x00", b"\x85", b"_", b"%", b"?", b"#",
     b"Host: x", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"POST / HTTP/1.1"]
)  # fmt: skip


@given(place=st.integers(0, 240), piece=PIECES | st.binary(max_size=3), cut=st.integers(0, 4))
@example(place=0, piece=b"", cut=0)
def test_no_damaged_request_is_read_otherwise_than_gunicorn_reads_it(
    place: int, piece: bytes, cut: int
) -> None:
    """A request that is plain after some damage is, to gunicorn too, one request and that one."""
    whole = post(Connection="keep-alive")
    received = whole[:place] + piece + whole[place + cut :]
    plain = plain_request(received)
    if plain is None:
        return
    try:
        environ, body, left = as_gunicorn_reads(received)
    except (ParseException, NoMoreData, ValueError) as error:
        raise AssertionError(received) from error
    assert (plain.form, b"") == (body, left)
    assert plain.environ == {name: environ.get(name) for name in plain.environ}


@dataclass
class Line:
    """A connection, and what was received on it and not looked at yet."""

    port: int
    received: bytes = b""
    link: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.link = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def send(self, request: bytes) -> None:
        self.link.sendall(request)

    def answer(self) -> tuple[bytes, bytes]:
        """Return the head and the body of the next answer."""
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _gap, rest = self.received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        self.received = rest
        while len(self.received) < length:
            self._more()
        body, self.received = self.received[:length], self.received[length:]
        return head, body

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the answer's body."""
        self.send(request)
        return self.answer()[1]

    def ended(self) -> bool:
        return not self.link.recv(100)

    def _more(self) -> None:
        read = self.link.recv(65536)
        if not read:
            raise ConnectionError(self.received)
        self.received += read


@dataclass
class Served:
    """gunicorn with one process of our worker."""

    port: int
    process: "subprocess.Popen[bytes]"
    lines: list[Line] = field(default_factory=list)

    def line(self) -> Line:
        self.lines.append(Line(self.port))
        return self.lines[-1]

    def ended(self) -> bool:
        """Wait for the end, and tell whether it was a good one."""
        code = self.process.wait(PATIENCE_SECONDS)
        for line in self.lines:
            line.link.close()
        return code == 0

    def stop(self) -> None:
        self.process.terminate()
        assert self.ended()

    def release(self) -> None:
        """Have all that is held answered."""
        self.line().ask(b"GET /release HTTP/1.1\r\nHost: x\r\n\r\n")


def serve(folder: Path, *settings: str, worker: str = WORKER) -> Served:
    port = free_port()
    words = [sys.executable, "-m", "gunicorn", *settings, "--bind", f"127.0.0.1:{port}"]
    words += ["--worker-class", worker, "--threads", "2"]
    words += ["factories.short_way:create_application()", "--no-control-socket"]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    made = Served(port, subprocess.Popen(words, env=environ, cwd=folder))
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        try:
            made.line()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            break
    return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = serve(tmp_path_factory.mktemp("gunicorn"), "--keep-alive", "60")
    yield made
    made.stop()


def test_both_ways_take_turns_on_one_connection(served: Served) -> None:
    line = served.line()
    for _ in range(2):
        assert line.ask(post("/now")) == b"short /now " + FORM
        assert line.ask(post("/other")) == b"ordinary /other " + FORM
        assert line.ask(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n") == b"ordinary /page "
        assert line.ask(post("/back")) == b"ordinary /back " + FORM
        assert line.ask(post("/raise")) == b"ordinary /raise " + FORM
        line.send(post("/refused"))
        head, body = line.answer()
        assert head.startswith(b"HTTP/1.1 409 CONFLICT\r\n")
        assert body == b"short /refused " + FORM
    line.send(post("/now"))
    head, body = line.answer()
    assert head.startswith(b"HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: ")
    assert b"\r\nConnection: keep-alive\r\n" in head
    assert head.endswith(b"X-Way: short")
    assert body.startswith(b"short")


def test_who_speaks_the_older_http_is_served_and_left(served: Served) -> None:
    line = served.line()
    line.send(post("/now").replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    head, body = line.answer()
    assert body == b"ordinary /now " + FORM
    assert b"Connection: close" in head
    assert line.ended()


def test_a_request_that_comes_in_pieces_is_served(served: Served) -> None:
    line, whole = served.line(), post("/now")
    head, _gap, form = whole.partition(b"\r\n\r\n")
    for pieces in ((whole[:20], whole[20:]), (head + b"\r\n\r\n", form)):
        for piece in pieces:
            line.send(piece)
        assert line.answer()[1].endswith(b" /now " + FORM)


def test_chunks_and_large_forms_go_the_ordinary_way(served: Served) -> None:
    line = served.line()
    chunked = post("/now", b"", "Transfer-Encoding: chunked", Content_Length=None)
    assert line.ask(chunked + b"3\r\na=1\r\n0\r\n\r\n") == b"ordinary /now a=1"
    large = b"a=" + b"1" * 100_000
    assert line.ask(post("/now", large)) == b"ordinary /now " + large


def test_who_does_not_wait_for_the_answer_gets_answers_in_order(served: Served) -> None:
    line = served.line()
    line.send(post("/held"))
    line.send(post("/now", b"n=2"))
    line.send(post("/now", b"n=3"))
    served.release()
    assert [line.answer()[1].rpartition(b" ")[2] for _ in range(3)] == [FORM, b"n=2", b"n=3"]


def test_many_are_held_while_others_are_served(served: Served) -> None:
    """More than there are threads: none of them waits for an answer."""
    lines = [served.line() for _ in range(20)]
    for line in lines:
        line.send(post("/held"))
    assert served.line().ask(post("/ordinary")) == b"ordinary /ordinary " + FORM
    lines[0].link.close()
    served.release()
    assert {line.answer()[1] for line in lines[1:]} == {b"short /held " + FORM}
    assert served.line().ask(post("/now")) == b"short /now " + FORM


@pytest.mark.parametrize("path", ["/held", "/held-back"])
def test_who_goes_away_in_the_moment_of_the_answer_harms_nobody(served: Served, path: str) -> None:
    """The poller tells of the answer and of the end in one round.

    Seen to fail where events of a connection that is not watched any more were looked at: the
    process died, and with it the answers of all others.
    """
    gone, slow, busy, held = (served.line() for _ in range(4))
    gone.send(post(path))
    held.send(post("/held"))
    whole = post("/go")
    slow.send(whole[:-1])
    assert busy.ask(post("/now")) == b"short /now " + FORM
    busy.send(post("/stop"))
    gone.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone.link.close()
    slow.send(whole[-1:])
    assert slow.answer()[1] == b"ordinary /go " + FORM
    assert held.answer()[1] == b"short /held " + FORM
    assert busy.answer()[1] == b"ordinary /stop " + FORM
    assert busy.ask(post("/now")) == b"short /now " + FORM


def test_what_http_refuses_is_refused(served: Served) -> None:
    for bad in (
        post("/now", FORM, "Host: elm"),
        post("/now", FORM, "X-Odd : 1"),
        b"nonsense\r\n\r\n",
    ):
        line = served.line()
        line.send(bad)
        assert line.answer()[0].startswith(b"HTTP/1.1 400 ")


def test_a_connection_that_waits_too_long_is_closed(tmp_path: Path) -> None:
    made = serve(tmp_path, "--keep-alive", "1")
    new, used = made.line(), made.line()
    assert used.ask(post("/now")) == b"short /now " + FORM
    assert new.ended()
    assert used.ended()
    assert made.line().ask(post("/now")) == b"short /now " + FORM
    made.stop()


@pytest.mark.parametrize("sent", [post("/other")[:30], post("/other")[:-1]])
def test_who_stops_in_the_middle_of_a_request_keeps_no_thread(tmp_path: Path, sent: bytes) -> None:
    """Seen to fail without a limit on a socket's waiting: both threads waited for ever."""
    made = serve(tmp_path, worker="factories.short_way.Impatient")
    for line in [made.line() for _ in range(4)]:
        line.send(sent)
    assert made.line().ask(post("/ordinary")) == b"ordinary /ordinary " + FORM
    assert made.line().ask(post("/now")) == b"short /now " + FORM
    made.stop()


def test_a_stopping_worker_answers_what_it_took_and_closes(tmp_path: Path) -> None:
    made = serve(tmp_path, "--keep-alive", "60")
    idle, busy, other, probe = lines = [made.line() for _ in range(4)]
    assert {line.ask(post("/now")) for line in lines} == {b"short /now " + FORM}
    busy.send(post("/held"))
    for _ in range(2):
        probe.ask(post("/ordinary"))
    made.process.send_signal(signal.SIGTERM)
    probe.send(post("/ordinary"))
    while b"Connection: close" not in probe.answer()[0]:
        probe.send(post("/ordinary"))
    probe.link.close()
    other.send(b"GET /release HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Connection: close" in other.answer()[0]
    head, body = busy.answer()
    assert (b"Connection: close" in head, body) == (True, b"short /held " + FORM)
    assert idle.ended()
    assert made.ended()


@pytest.mark.parametrize(
    "settings",
    [
        ("--access-logfile", "-"),
        ("--keep-alive", "0"),
        ("--limit-request-line", "500"),
        ("--limit-request-fields", "50"),
        ("--limit-request-field_size", "4000"),
    ],
)
def test_settings_that_need_gunicorns_own_way_have_it(
    tmp_path: Path, settings: tuple[str, ...]
) -> None:
    made = serve(tmp_path, *settings)
    assert made.line().ask(post("/now")) == b"ordinary /now " + FORM
    made.stop()
