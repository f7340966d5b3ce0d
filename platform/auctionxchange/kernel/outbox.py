"""Effects leave a transaction as rows here, and only if it commits.

A live row is tailed by the gateways, a job row is turned into a job by the relay. The house is
filled in by the database from the role that writes, so none can write in another's name.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

_INSERT = text(
    "INSERT INTO exchange.outbox (kind, topic, payload)"
    " VALUES (:kind, :topic, CAST(:body AS jsonb))"
)

_INSERT_EACH = text(
    "INSERT INTO exchange.outbox (kind, topic, payload)"
    " SELECT 'job', :topic, CAST(body AS jsonb)"
    " FROM unnest(CAST(:bodies AS text[])) WITH ORDINALITY AS told (body, place) ORDER BY place"
)


def announce(session: Session | Connection, channel: str, payload: dict[str, Any]) -> None:
    """Send a live event to a channel, such as sale:3 or member:7, after commit."""
    session.execute(_INSERT, {"kind": "live", "topic": channel, "body": json.dumps(payload)})


def enqueue(session: Session | Connection, task: str, **arguments: Any) -> None:
    """Have a job done after commit; arguments must be JSON values."""
    session.execute(_INSERT, {"kind": "job", "topic": task, "body": json.dumps(arguments)})


def enqueue_each(
    session: Session | Connection, task: str, arguments: Iterable[Mapping[str, Any]]
) -> None:
    """Have a job done for each of some arguments, in one statement."""
    bodies = [json.dumps(dict(one)) for one in arguments]
    session.execute(_INSERT_EACH, {"topic": task, "bodies": bodies})
