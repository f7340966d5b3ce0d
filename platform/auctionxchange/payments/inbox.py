"""What Stripe tells is written down at once and worked on later; the same event is one row.

The house is known by the event's own account and by nothing else in it. Bodies are not kept: an
event says that something changed, and what is now true is fetched when it is worked on.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import stripe
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _

PROCESS = "payments.event"
THIN = "v2.core.event"
_STORE = text(
    "INSERT INTO exchange.stripe_event"
    " (event_id, endpoint, account, kind, object_kind, object_id, livemode, created_at)"
    " VALUES (:event_id, :endpoint, :account, :kind, :object_kind, :object_id, :livemode,"
    " :created_at) ON CONFLICT (event_id) DO NOTHING RETURNING event_id"
)

_LEFT = text(
    "SELECT e.event_id FROM exchange.stripe_event e WHERE (e.state = 'received' AND e.received_at"
    " < clock_timestamp() - interval '1 hour') OR (e.state = 'stranger' AND EXISTS (SELECT FROM"
    " exchange.stripe_account a WHERE a.account = e.account))"
)


class NotSigned(DomainError):
    """The body was not signed by this endpoint's secret, or too long ago: nothing is kept."""

    status = 400
    code = "not_signed"

    def message(self) -> str:
        return _("This was not signed by Stripe.")


def read_signed(body: bytes, header: str | None, secret: str) -> dict[str, Any]:
    """Return an event whose signature holds; raises NotSigned."""
    try:
        payload = body.decode()
        stripe.WebhookSignature.verify_header(payload, header or "", secret, 300)
        event: Any = json.loads(payload)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise NotSigned from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise NotSigned
    return event


def store(session: Session | Connection, endpoint: str, event: Mapping[str, Any]) -> bool:
    """Keep an event and have it worked on after commit; False where it was known."""
    new = session.execute(_STORE, {"endpoint": endpoint, **_row(event)}).first() is not None
    if new:
        enqueue(session, PROCESS, event=event["id"])
    return new


def store_all(session: Session | Connection, endpoint: str, events: Iterable[Any]) -> int:
    """Keep events that were fetched; returns how many were new."""
    return sum(store(session, endpoint, event) for event in events)


def work_again(session: Session | Connection) -> int:
    """Have events worked on that were left: their jobs gave up, or their account is known now."""
    left = list(session.execute(_LEFT).scalars())
    for event in left:
        enqueue(session, PROCESS, event=event)
    return len(left)


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    thin = event.get("object") == THIN
    about = (event.get("related_object") if thin else event.get("data", {}).get("object")) or {}
    created = event.get("created", 0)
    return {
        "event_id": event["id"],
        "account": about.get("id") if thin else event.get("account"),
        "kind": str(event.get("type", "")),
        "object_kind": about.get("type") if thin else about.get("object"),
        "object_id": about.get("id"),
        "livemode": bool(event.get("livemode")),
        "created_at": datetime.fromisoformat(created)
        if isinstance(created, str)
        else datetime.fromtimestamp(created, UTC),
    }
