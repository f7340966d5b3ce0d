"""What the sandbox keeps: objects by account and id, a clock, and numbers for new things.

With a file, every change is also written to SQLite, so that the demo goes on where it stopped.
The empty account is the platform's own. Fields whose name begins with an underscore are the
sandbox's and never leave it.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from threading import RLock
from typing import Any

from auctionxchange.sandbox.stripe.refusals import invalid, missing

Thing = dict[str, Any]
LARGEST_PAGE = 100

_TABLE = (
    "CREATE TABLE IF NOT EXISTS thing (account TEXT, id TEXT, sequence INTEGER, body TEXT,"
    " PRIMARY KEY (account, id))"
)


class Store:
    """All objects of all accounts; whoever changes them holds the lock."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = RLock()
        self._things: dict[tuple[str, str], Thing] = {}
        self._offset = 0.0
        self._disk = None if file is None else sqlite3.connect(file, check_same_thread=False)
        if self._disk is not None:
            self._disk.execute(_TABLE)
            rows = self._disk.execute("SELECT account, id, body FROM thing ORDER BY sequence")
            self._things = {(account, name): json.loads(body) for account, name, body in rows}

    def now(self) -> int:
        """Return the sandbox's time in whole seconds."""
        return int(time.time() + self._offset)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._offset += seconds

    def make(self, account: str, prefix: str, kind: str, /, **fields: Any) -> Thing:
        """Keep a new object with what every object has."""
        thing: Thing = {
            "id": fields.pop("id", None) or f"{prefix}_{secrets.token_hex(12)}",
            "object": kind,
            "created": self.now(),
            "livemode": False,
            **fields,
        }
        self.save(account, thing)
        return thing

    def save(self, account: str, thing: Thing) -> None:
        """Keep an object as it now is."""
        with self.lock:
            self._things[account, thing["id"]] = thing
            if self._disk is not None:
                self._disk.execute(
                    "INSERT INTO thing VALUES (?, ?, (SELECT coalesce(max(sequence), 0) + 1 FROM"
                    " thing), ?) ON CONFLICT (account, id) DO UPDATE SET body = excluded.body",
                    (account, thing["id"], json.dumps(thing)),
                )
                self._disk.commit()

    def remove(self, account: str, identifier: str) -> None:
        """Forget an object."""
        with self.lock:
            self._things.pop((account, identifier), None)

    def get(self, account: str, kind: str, identifier: str) -> Thing:
        """Return an account's object; another account's is missing, as at Stripe."""
        thing = self._things.get((account, identifier))
        if thing is None or thing["object"] != kind:
            raise missing(kind, identifier)
        return thing

    def all(self, account: str, kind: str, /, **match: Any) -> Iterator[Thing]:
        """Yield an account's objects of a kind, newest first, whose fields have these values."""
        with self.lock:
            found = [
                thing
                for (owner, _), thing in self._things.items()
                if owner == account and thing["object"] == kind
            ]
        for thing in reversed(found):
            if all(value is None or thing.get(name) == value for name, value in match.items()):
                yield thing

    def everywhere(self, kind: str) -> list[tuple[str, Thing]]:
        """Return (account, object) of a kind at all accounts, oldest first."""
        with self.lock:
            return [(a, thing) for (a, _), thing in self._things.items() if thing["object"] == kind]

    def page(self, account: str, kind: str, params: Thing, url: str, **match: Any) -> Thing:
        """Return one page of a list, after the cursor and within the times asked for."""
        limit = int(params.get("limit", 10))
        if not 1 <= limit <= LARGEST_PAGE:
            raise invalid("limit must be between 1 and 100", param="limit")
        rows = [t for t in self.all(account, kind, **match) if _in_time(t, params.get("created"))]
        after = params.get("starting_after")
        if after:
            ids = [thing["id"] for thing in rows]
            if after not in ids:
                raise missing(kind, after)
            rows = rows[ids.index(after) + 1 :]
        return listing(rows[:limit], url, more=len(rows) > limit)


def listing(rows: list[Thing], url: str, *, more: bool = False) -> Thing:
    """Return a list as Stripe writes it."""
    return {"object": "list", "data": rows, "has_more": more, "url": url}


def public(value: Any) -> Any:
    """Return a copy without the sandbox's own fields."""
    if isinstance(value, dict):
        return {k: public(v) for k, v in value.items() if not k.startswith("_")}
    if isinstance(value, list):
        return [public(part) for part in value]
    return value


def _in_time(thing: Thing, created: Any) -> bool:
    if not isinstance(created, dict):
        return True
    at = int(thing["created"])
    bounds = {name: int(value) for name, value in created.items()}
    return (
        at >= bounds.get("gte", at)
        and at > bounds.get("gt", at - 1)
        and at <= bounds.get("lte", at)
        and at < bounds.get("lt", at + 1)
    )
