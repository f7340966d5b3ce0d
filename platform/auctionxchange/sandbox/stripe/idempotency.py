"""Idempotency keys: a key is one act at one account, and its answer is told again.

As Stripe documents: kept a day, 500s included; other parameters under the same key are refused;
a second call while the first runs gets 409.
"""

import hashlib
from dataclasses import dataclass, field

from auctionxchange.sandbox.stripe.refusals import StripeRefusal
from auctionxchange.sandbox.stripe.store import Store

KEPT_SECONDS = 24 * 3600


@dataclass(slots=True)
class Answer:
    """What a key was used for, and what was said; no status while it runs."""

    fingerprint: str
    at: int
    status: int | None = None
    body: bytes = b""


@dataclass(slots=True)
class Keys:
    """The keys of all accounts."""

    store: Store
    _answers: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def begin(self, account: str, key: str, path: str, body: bytes) -> Answer | None:
        """Return what was answered before, or None for the first call under a key."""
        fingerprint = hashlib.sha256(path.encode() + b"\0" + body).hexdigest()
        with self.store.lock:
            known = self._answers.get((account, key))
            if known is not None and self.store.now() - known.at > KEPT_SECONDS:
                known = None
            if known is None:
                self._answers[account, key] = Answer(fingerprint, self.store.now())
                return None
            if known.fingerprint != fingerprint:
                raise StripeRefusal(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they"
                    " were first used with.",
                )
            if known.status is None:
                raise StripeRefusal(
                    409,
                    "invalid_request_error",
                    "There is currently another in-progress request using this Idempotent Key.",
                    code="idempotency_key_in_use",
                )
            return known

    def end(self, account: str, key: str, status: int, body: bytes) -> None:
        """Keep an answer under its key."""
        with self.store.lock:
            answer = self._answers[account, key]
            answer.status, answer.body = status, body

    def release(self, account: str, key: str) -> None:
        """Forget a call that came to nothing, such as one refused for coming too often."""
        with self.store.lock:
            self._answers.pop((account, key), None)
