"""A sandbox behind a socket of loopback, in a thread of this process or as its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from auctionxchange.sandbox.stripe.application import StripeSandbox
from auctionxchange.sandbox.stripe.events import Announcer, Endpoint
from auctionxchange.sandbox.stripe.store import Store

LOOPBACK = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request: the observers see them."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_arguments: object) -> None:
        """Say nothing."""


def bind(sandbox: StripeSandbox, port: int) -> BaseWSGIServer:
    """Return a server of a thread a request."""
    return make_server(LOOPBACK, port, sandbox, threaded=True, request_handler=QuietHandler)


@contextmanager
def running(sandbox: StripeSandbox) -> Iterator[str]:
    """Serve from a thread on a free port; yields the address."""
    server = bind(sandbox, 0)
    sandbox.base = f"http://{LOOPBACK}:{server.server_port}"
    thread = Thread(target=server.serve_forever, name="stripe", daemon=True)
    thread.start()
    try:
        yield sandbox.base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def from_environment(environ: Mapping[str, str]) -> StripeSandbox:
    """Build the sandbox of the demo."""
    folder = environ.get("STRIPE_SANDBOX_FOLDER")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    store = Store(Path(folder) / "stripe.sqlite" if folder else None)
    events = Announcer(
        store,
        platform=_endpoint(environ, "platform", "STRIPE_WEBHOOK_SECRET_PLATFORM"),
        connect=_endpoint(environ, "connect", "STRIPE_WEBHOOK_SECRET_CONNECT"),
    )
    port = environ["STRIPE_SANDBOX_PORT"]
    return StripeSandbox(
        store, events, environ.get("STRIPE_SANDBOX_URL", f"http://{LOOPBACK}:{port}")
    )


def _endpoint(environ: Mapping[str, str], name: str, secret: str) -> Endpoint | None:
    base = environ.get("STRIPE_SANDBOX_WEBHOOKS")
    if not base or not environ.get(secret):
        return None
    return Endpoint(f"{base.rstrip('/')}/stripe/webhooks/{name}", environ[secret])


def main() -> None:
    """Run on the port the environment names."""
    sandbox = from_environment(os.environ)
    sandbox.events.start()
    bind(sandbox, int(os.environ["STRIPE_SANDBOX_PORT"])).serve_forever()
