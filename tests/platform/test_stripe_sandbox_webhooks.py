"""The sandbox's webhooks over HTTP: signed for their endpoint, twice, in disorder, tried again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread

import pytest
import stripe
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from auctionxchange.sandbox.stripe.application import StripeSandbox
from auctionxchange.sandbox.stripe.events import Announcer, Endpoint
from auctionxchange.sandbox.stripe.server import LOOPBACK, bind, running
from auctionxchange.sandbox.stripe.store import Store

SECRETS = {"/platform": "whsec_platform", "/connect": "whsec_connect"}
PATIENCE_SECONDS = 30


@dataclass
class Receiver:
    """What arrived, path and event's id, and how many deliveries are refused first."""

    base: str = ""
    refused: int = 0
    arrived: Queue[tuple[str, str]] = field(default_factory=Queue)

    def __call__(self, environ: dict[str, object], start: object) -> object:
        request = Request(environ)
        if self.refused:
            self.refused -= 1
            return Response(status=500)(environ, start)  # type: ignore[arg-type]
        body, signature = request.get_data(as_text=True), request.headers["Stripe-Signature"]
        stripe.WebhookSignature.verify_header(body, signature, SECRETS[request.path], 300)
        self.arrived.put((request.path, json.loads(body)["id"]))
        return Response(status=200)(environ, start)  # type: ignore[arg-type]

    def next(self, count: int) -> list[tuple[str, str]]:
        return [self.arrived.get(timeout=PATIENCE_SECONDS) for _ in range(count)]


@contextmanager
def listening(receiver: Receiver) -> Iterator[None]:
    server = make_server(LOOPBACK, 0, receiver)  # type: ignore[arg-type]
    receiver.base = f"http://{LOOPBACK}:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with listening(made):
        yield made


@pytest.fixture
def announcer(receiver: Receiver) -> Announcer:
    ends = [Endpoint(f"{receiver.base}{path}", secret) for path, secret in SECRETS.items()]
    made = Announcer(Store(), platform=ends[0], connect=ends[1])
    made.start()
    return made


def emitted(announcer: Announcer, count: int, account: str = "acct_1") -> list[str]:
    thing = {"id": "pi_1", "object": "payment_intent"}
    kind = "payment_intent.succeeded"
    return [announcer.emit(account, kind, thing)["id"] for _ in range(count)]


def test_each_endpoint_gets_its_own_events_under_its_own_secret(
    announcer: Announcer, receiver: Receiver
) -> None:
    [ours], [theirs] = emitted(announcer, 1, ""), emitted(announcer, 1)
    assert receiver.next(2) == [("/platform", ours), ("/connect", theirs)]


def test_an_event_comes_twice_on_demand(announcer: Announcer, receiver: Receiver) -> None:
    announcer.duplicates = 1
    first, second = emitted(announcer, 2)
    assert [event for _path, event in receiver.next(3)] == [first, first, second]


def test_events_come_in_another_order_on_demand(announcer: Announcer, receiver: Receiver) -> None:
    """Twelve in their own order by chance: once in 479 million."""
    announcer.shuffled = 12
    sent = emitted(announcer, 12)
    came = [event for _path, event in receiver.next(12)]
    assert sorted(came) == sorted(sent)
    assert came != sent


def test_what_is_not_accepted_is_sent_again(announcer: Announcer, receiver: Receiver) -> None:
    receiver.refused = 2
    sent = emitted(announcer, 1)
    assert receiver.next(1) == [("/connect", sent[0])]


def test_a_late_answer_is_an_unknown_outcome_and_the_same_key_finds_it() -> None:
    store = Store()
    sandbox = StripeSandbox(store, Announcer(store), "")
    with running(sandbox) as base:
        addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), base)

        def client(timeout: float) -> stripe.StripeClient:
            return stripe.StripeClient(
                "sk_test_of_tests",
                base_addresses=addresses,  # type: ignore[arg-type]
                http_client=stripe.RequestsClient(timeout=timeout),
            )

        sandbox.faults.add("delay", 1, path="/v1/customers", seconds=2.0)
        key: stripe.RequestOptions = {"idempotency_key": "late"}
        with pytest.raises(stripe.APIConnectionError):
            client(0.5).v1.customers.create({"name": "Ada"}, key)
        again = client(60).v1.customers.create({"name": "Ada"}, key)
        assert [one["id"] for one in store.all("", "customer")] == [again.id]


def test_it_listens_on_loopback_alone() -> None:
    store = Store()
    server = bind(StripeSandbox(store, Announcer(store), ""), 0)
    assert server.socket.getsockname()[0] == "127.0.0.1"
    server.server_close()
