"""An application with a short way, for gunicorn: its paths say what it takes and when."""

import threading
from collections.abc import Iterable
from typing import Any

from auctionxchange.serving.express import Deliver, Reply
from auctionxchange.serving.plain_request import PlainRequest
from auctionxchange.serving.worker import Worker

HEAD = b"X-Way: short\r\n"
PATIENCE_SECONDS = 60


class Application:
    """Answers by either way with the way's name, the path and what was sent."""

    def __init__(self) -> None:
        self._held: list[tuple[Any, Deliver, Reply | None]] = []
        self._go = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the ordinary way; /release answers what is held, /go what is stopped, there."""
        sent, path = environ["wsgi.input"].read(), environ["PATH_INFO"]
        if path == "/release":
            self._release()
        elif path == "/go":
            self._go.set()
        body = b"ordinary %s %s" % (path.encode(), sent)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def express(self, request: PlainRequest, caller: Any, deliver: Deliver) -> bool:
        """Take /now, /back and /refused, hold /held and /held-back, fail at /raise.

        At /stop all that is held is answered while the thread that reads requests stands still
        until somebody asks for /go.
        """
        path = request.environ["PATH_INFO"]
        reply = Reply("200 OK", HEAD, b"short %s %s" % (path.encode(), request.form))
        if path == "/raise":
            raise RuntimeError("a defect")
        if path == "/stop":
            self._release()
            self._go.wait(PATIENCE_SECONDS)
            self._go.clear()
        if path in {"/held", "/held-back"}:
            self._held.append((caller, deliver, reply if path == "/held" else None))
        elif path in {"/now", "/back", "/refused"}:
            if path == "/refused":
                reply = reply._replace(status="409 CONFLICT")
            answer = None if path == "/back" else reply
            threading.Thread(target=deliver, args=([(caller, answer)],)).start()
        else:
            return False
        return True

    def _release(self) -> None:
        held, self._held = self._held, []
        for caller, deliver, reply in held:
            deliver([(caller, reply)])


class Impatient(Worker):
    """A worker that waits a second where others wait long."""

    stalled_seconds = 1


def create_application() -> Application:
    """Make one for each process."""
    return Application()
