"""Events and their delivery: stored for each account, signed, posted, tried again.

The platform's events go to one endpoint and its accounts' to another, each with a secret of its
own. On demand an event comes twice, or several come in another order.
"""

import json
import queue
import random
import secrets
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from stripe import WebhookSignature

from auctionxchange.sandbox.stripe.store import Store, Thing, public

API_VERSION = "2026-08-26.dahlia"
TRIES = 5
TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where webhooks go and what they are signed with."""

    url: str
    secret: str


@dataclass(slots=True)
class Announcer:
    """Keeps events and posts them from a thread of its own."""

    store: Store
    platform: Endpoint | None = None
    connect: Endpoint | None = None
    duplicates: int = 0
    shuffled: int = 0
    _held: list[tuple[Endpoint, str]] = field(default_factory=list)
    _outgoing: queue.Queue[tuple[Endpoint, str]] = field(default_factory=queue.Queue)

    def start(self) -> None:
        """Begin to deliver."""
        threading.Thread(target=self._deliver, name="webhooks", daemon=True).start()

    def emit(self, account: str, kind: str, thing: Thing) -> Thing:
        """Keep an event with the object as it is now, and send it."""
        event = self.store.make(
            account,
            "evt",
            "event",
            type=kind,
            api_version=API_VERSION,
            data={"object": public(json.loads(json.dumps(thing)))},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
        )
        if account:
            event["account"] = account
            self.store.save(account, event)
        self._send(self.connect if account else self.platform, event)
        return event

    def emit_thin(self, kind: str, account: str) -> None:
        """Send an event of Accounts v2, which names its object without showing it."""
        event: Thing = {
            "id": f"evt_test_{secrets.token_hex(12)}",
            "object": "v2.core.event",
            "type": kind,
            "livemode": False,
            "created": moment(self.store.now()),
            "context": None,
            "related_object": {
                "id": account,
                "type": "v2.core.account",
                "url": f"/v2/core/accounts/{account}",
            },
        }
        self._send(self.platform, event)

    def _send(self, endpoint: Endpoint | None, event: Thing) -> None:
        if endpoint is None:
            return
        body = json.dumps(public(event))
        copies = 1
        if self.duplicates > 0:
            self.duplicates -= 1
            copies = 2
        for _ in range(copies):
            self._hold_or_queue(endpoint, body)

    def _hold_or_queue(self, endpoint: Endpoint, body: str) -> None:
        if self.shuffled <= 0:
            self._outgoing.put((endpoint, body))
            return
        self._held.append((endpoint, body))
        self.shuffled -= 1
        if self.shuffled == 0:
            random.shuffle(self._held)
            for held in self._held:
                self._outgoing.put(held)
            self._held.clear()

    def _deliver(self) -> None:
        while True:
            endpoint, body = self._outgoing.get()
            for attempt in range(TRIES):
                if post(endpoint, body):
                    break
                time.sleep(min(0.2 * 2**attempt, 2.0))


def post(endpoint: Endpoint, body: str) -> bool:
    """Post a signed event; True where it was accepted."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox of this installation)",
        "Stripe-Signature": signed(body, endpoint.secret),
    }
    request = urllib.request.Request(endpoint.url, body.encode(), headers)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            accepted: bool = answer.status == 200  # noqa: PLR2004 - any other answer is none
            return accepted
    except (urllib.error.URLError, OSError):
        return False


def signed(body: str, secret: str, *, at: int | None = None) -> str:
    """Return the signature header of a body."""
    make: Any = WebhookSignature.generate_signature_header
    header: str = make(body, secret, timestamp=at or int(time.time()))
    return header


def moment(seconds: int) -> str:
    """Return a time as the v2 interface writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
