"""The sandbox as a WSGI application: keys, accounts, idempotency, faults, then the handler."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from auctionxchange.sandbox.stripe import (
    accounts,
    balance,
    billing,
    charges,
    checkout,
    customers,
    intents,
    pages,
)
from auctionxchange.sandbox.stripe.calls import HANDLERS, Call, nested, route_map
from auctionxchange.sandbox.stripe.events import API_VERSION, Announcer
from auctionxchange.sandbox.stripe.faults import Fault, Faults
from auctionxchange.sandbox.stripe.idempotency import Keys
from auctionxchange.sandbox.stripe.refusals import StripeRefusal, invalid
from auctionxchange.sandbox.stripe.store import Store, public

CAPABILITIES = (accounts, balance, billing, charges, checkout, customers, intents)
"""Imported for the addresses they answer."""

Observer = Callable[[Request, Response], None]


@dataclass(slots=True)
class StripeSandbox:
    """One sandbox; observers see every call of the interface and its answer."""

    store: Store
    events: Announcer
    base: str
    faults: Faults = field(default_factory=Faults)
    observers: list[Observer] = field(default_factory=list)
    keys: Keys = field(init=False)
    _map: Any = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(self.store)
        self._map = route_map()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        request = Request(environ)
        if not request.path.startswith(("/v1/", "/v2/")):
            return pages.serve(self, request)(environ, start_response)
        fault = self.faults.take(request.path)
        if fault is not None and fault.kind == "drop_before":
            return hang_up(environ, start_response)
        response = self._answer(request, fault)
        for observer in self.observers:
            observer(request, response)
        if fault is not None and fault.kind == "drop_after":
            return hang_up(environ, start_response)
        return response(environ, start_response)

    def call_for(self, account: str) -> Call:
        """Return a call of the sandbox itself at an account."""
        return Call(self.store, self.events, account, self.base, {})

    def fail(
        self, kind: str, count: int = 1, *, path: str = "/v1/payment_intents", seconds: float = 1.0
    ) -> None:
        """Have the next calls, or the next webhooks, go wrong."""
        if kind == "duplicate":
            self.events.duplicates += count
        elif kind == "shuffle":
            self.events.shuffled += count
        else:
            self.faults.add(kind, count, path=path, seconds=seconds)

    def _answer(self, request: Request, fault: Fault | None) -> Response:
        try:
            if fault is not None:
                _meet(fault)
            account = self._admit(request)
            return self._once(request, account)
        except StripeRefusal as refusal:
            return _refused(refusal)

    def _admit(self, request: Request) -> str:
        """Check the key and return the account the call is for."""
        key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not key.startswith(("sk_test_", "rk_test_")):
            raise StripeRefusal(
                401,
                "invalid_request_error",
                "This is a sandbox: it takes keys that begin with sk_test_ and no others.",
            )
        account = request.headers.get("Stripe-Account", "")
        if account:
            accounts.require_account(self.store, account)
        return account

    def _once(self, request: Request, account: str) -> Response:
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or not key:
            return self._handled(request, account)
        known = self.keys.begin(account, key, request.path, request.get_data())
        if known is not None:
            replayed = _json(known.status or 200, known.body)
            replayed.headers["Idempotent-Replayed"] = "true"
            return replayed
        try:
            response = self._handled(request, account)
        except BaseException:
            self.keys.release(account, key)
            raise
        self.keys.end(account, key, response.status_code, response.get_data())
        return response

    def _handled(self, request: Request, account: str) -> Response:
        """Find the handler and run it alone; a refusal is an answer like any other."""
        adapter = self._map.bind("", path_info=request.path)
        try:
            endpoint, arguments = adapter.match(method=request.method)
        except HTTPException:
            return _refused(_unknown(request))
        try:
            call = Call(
                self.store, self.events, account, self.base, _parameters(request),
                request.method, arguments,
            )  # fmt: skip
            with self.store.lock:
                body = json.dumps(public(HANDLERS[endpoint](call))).encode()
        except StripeRefusal as refusal:
            return _refused(refusal)
        return _json(200, body)


def _parameters(request: Request) -> dict[str, Any]:
    if request.method in {"GET", "DELETE"}:
        return nested(request.query_string.decode())
    body = request.get_data(as_text=True)
    if not request.path.startswith("/v2/"):
        return nested(body)
    try:
        found: dict[str, Any] = json.loads(body or "{}")
    except json.JSONDecodeError as error:
        raise invalid("The body is no JSON.") from error
    return found


def _meet(fault: Fault) -> None:
    if fault.kind == "delay":
        time.sleep(fault.seconds)
    elif fault.kind == "429":
        raise StripeRefusal(
            429, "invalid_request_error", "Too many requests hit the API.", code="rate_limit"
        )
    elif fault.kind == "500":
        raise StripeRefusal(500, "api_error", "An unknown error occurred.")


def _unknown(request: Request) -> StripeRefusal:
    words = f"Unrecognized request URL ({request.method}: {request.path})."
    return StripeRefusal(404, "invalid_request_error", words)


def _refused(refusal: StripeRefusal) -> Response:
    return _json(refusal.status, json.dumps({"error": refusal.error}).encode())


def _json(status: int, body: bytes) -> Response:
    response = Response(body, status, content_type="application/json")
    response.headers["Stripe-Version"] = API_VERSION
    return response


def hang_up(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Close the connection without a word; the server's socket comes with the request."""
    connection = environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError
    connection.shutdown(2)
    start_response("200 OK", [("Content-Length", "0"), ("Connection", "close")])
    return [b""]
