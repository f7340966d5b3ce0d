"""An application with a short way, for gunicorn: its paths say what it takes and when."""

import threading
from collections.abc import Iterable
from typing import Any

from auctionxchange.serving.express import Deliver, Reply
from auctionxchange.serving.plain_request import PlainRequest

HEAD = b"X-Way: short\r\n"


class Application:
    """Answers by either way with the way's name, the path and what was sent."""

    def __init__(self) -> None:
        self._held: list[tuple[Any, Deliver, Reply]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the ordinary way; /release answers all that is held on the short one."""
        sent, path = environ["wsgi.input"].read(), environ["PATH_INFO"]
        if path == "/release":
            self._release()
        body = b"ordinary %s %s" % (path.encode(), sent)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def express(self, request: PlainRequest, caller: Any, deliver: Deliver) -> bool:
        """Take /now, /back and /held, and fail at /raise."""
        path = request.environ["PATH_INFO"]
        reply = Reply("200 OK", HEAD, b"short %s %s" % (path.encode(), request.form))
        if path == "/raise":
            raise RuntimeError("a defect")
        if path == "/held":
            self._held.append((caller, deliver, reply))
        elif path in {"/now", "/back"}:
            answer = reply if path == "/now" else None
            threading.Thread(target=deliver, args=([(caller, answer)],)).start()
        else:
            return False
        return True

    def _release(self) -> None:
        held, self._held = self._held, []
        for caller, deliver, reply in held:
            deliver([(caller, reply)])


def create_application() -> Application:
    """Make one for each process."""
    return Application()
