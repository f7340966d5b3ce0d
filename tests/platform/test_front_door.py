"""The front door: who is sent where, what is forwarded and what is kept for how long."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from auctionhouse.storefront.door_keys import plain_bid
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.sandbox.processes import Processes
from auctionxchange.serving.plain_request import plain_request


class Heard:
    """A connection's stream that keeps what is read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.read_so_far = stream, b""

    def readline(self, *limit: int) -> bytes:
        line: bytes = self._stream.readline(*limit)
        self.read_so_far += line
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the headers it was asked with, and a form with all it was sent."""

    def setup(self) -> None:
        super().setup()
        self.heard = Heard(self.rfile)
        self.rfile = cast("Any", self.heard)

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"]))
        body = self.heard.read_so_far + form
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        body = f"{self.path}\n{self.headers}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A door with one echo behind it in the web's place and nobody in the gateway's."""
    folder = tmp_path_factory.mktemp("a door")
    kept = folder / "static" / "themes" / "base-0123456789ab"
    kept.mkdir(parents=True)
    (kept / "a.css").write_text("a {}", "utf-8")
    (folder / "static" / "manifest.json").write_text("{}", "utf-8")
    echo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=echo.serve_forever)
    thread.start()
    port = free_port()
    environ = {
        "PORT": str(port),
        "WEB_PORT": str(echo.server_port),
        "LIVE_PORT": str(free_port()),
        "STATIC_ROOT": str(folder / "static"),
        "FRONT_DOOR_STORAGE": str(folder / "storage"),
    }
    address = f"http://127.0.0.1:{port}"
    with Processes(environ, folder / "logs") as processes:
        processes.start({"front": "python -m auctionxchange.sandbox.front_door"})
        processes.wait_until_serving(address, "localhost")
        yield address
    echo.shutdown()
    thread.join()
    echo.server_close()


def test_the_host_is_kept_and_forwarded_headers_are_the_doors_own(door: str) -> None:
    forged = {
        "Host": "oak.localhost:8000",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    said = httpx.get(f"{door}/sales", headers=forged).text
    assert "Host: oak.localhost:8000" in said
    assert "X-Forwarded-Proto: http\n" in said
    assert "203.0.113.9" not in said
    assert "evil.example" not in said


def test_what_a_browsers_script_sends_is_plain_behind_the_door(door: str) -> None:
    """The fields of Chromium and of Firefox together; the door adds its own."""
    form = b"csrf_token=abc&token=6f1b&maximum=300.00&words=1"
    sent = {
        "Host": "oak.localhost:8000", "Connection": "keep-alive", "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
        "Origin": "http://oak.localhost:8000", "Cookie": "house=abc.def; language=fr",
        "Referer": "http://oak.localhost:8000/sales/a/lots/1", "Accept-Language": "fr,en;q=0.5",
        "Accept-Encoding": "identity", "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-GPC": "1", "DNT": "1",
        "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24"', "sec-ch-ua-mobile": "?0",
        "sec-ch-ua-platform": '"Linux"', "Priority": "u=1, i", "TE": "trailers",
    }  # fmt: skip
    received = httpx.post(f"{door}/sales/a/lots/1/bid", content=form, headers=sent).content
    plain = plain_request(received)
    assert plain is not None, received
    assert plain.form == form
    assert plain.environ["HTTP_COOKIE"] == "house=abc.def; language=fr"
    assert plain_bid(plain.environ) is not None


def test_digested_files_are_kept_for_ever(door: str) -> None:
    answer = httpx.get(f"{door}/static/themes/base-0123456789ab/a.css")
    assert answer.text == "a {}"
    assert "immutable" in answer.headers["Cache-Control"]
    assert httpx.get(f"{door}/static/manifest.json").status_code == 404
    escaped = httpx.get(f"{door}/static/%2e%2e/logs/front.log").text
    assert "Host:" in escaped, "a path out of the folder is the web's to refuse"


def test_a_part_that_is_down_is_a_503_with_a_retry(door: str) -> None:
    answer = httpx.get(f"{door}/live/stream")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "We are back in a moment" in answer.text
    assert "sha256-" in answer.headers["Content-Security-Policy"]


def test_tokens_for_streams_are_the_webs(door: str) -> None:
    """Seen to fail while all of /live/ went to the gateway, which knows no members."""
    assert httpx.get(f"{door}/live/token?channels=sale:1").text.startswith("/live/token?")
    assert httpx.get(f"{door}/live/poll").status_code == 503
