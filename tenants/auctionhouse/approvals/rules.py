"""Who may ask and who may decide, what a request's fingerprint is, when it is over. Pure."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auctionhouse.bidding.ledger import canonical

LASTS = timedelta(days=7)
"""How long a request waits for somebody to decide."""

OWNER = "owner"
"""One of the two people has this role: who answers for the house's money."""

ENDINGS: Mapping[str, frozenset[str]] = {
    "waiting": frozenset({"done", "declined", "withdrawn", "stale", "expired"}),
    "done": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
    "stale": frozenset(),
    "expired": frozenset(),
}
"""What may follow a state; whatever was decided stays so."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the rule sees one: an account that is shut has no roles left."""

    id: int
    roles: frozenset[str]


def may_ask(person: Person, askers: Collection[str]) -> bool:
    """Tell whether somebody's roles let them ask for an act."""
    return not person.roles.isdisjoint(askers)


def why_not(asker: Person, decider: Person, approvers: Collection[str]) -> str | None:
    """Say why somebody may not decide a request: own, role or owner; None where they may.

    It goes by the account alone, so neither a second browser nor a second role helps the asker.
    """
    if decider.id == asker.id:
        return "own"
    if decider.roles.isdisjoint(approvers):
        return "role"
    if OWNER not in asker.roles | decider.roles:
        return "owner"
    return None


def fingerprint(
    kind: str, payload: Mapping[str, Any], facts: Mapping[str, Any], reason: str
) -> str:
    """Return the SHA-256, in hexadecimal, of exactly what is asked for and why."""
    contents = canonical({"kind": kind, "payload": payload, "facts": facts, "reason": reason})
    return hashlib.sha256(contents.encode(errors="surrogatepass")).hexdigest()


def unchanged(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Tell whether the facts a request was made on still hold."""
    return canonical(before) == canonical(now)
