"""What a fetched intent means for an attempt and a payment; nothing ever goes backwards. Pure."""

from dataclasses import dataclass

FINAL = frozenset({"paid", "declined", "action", "cancelled", "refused"})
OPEN = frozenset({"open", "unknown", "held"})
OVER = frozenset({"won", "lost", "warning_closed", "prevented"})
HARMLESS = frozenset({"won", "warning_closed", "prevented"})
"""Ends of a dispute that leave the money with the house."""

PAYMENT_STATE = {
    "paid": "paid",
    "held": "held",
    "action": "action_required",
    "declined": "failed",
    "unknown": "pending",
    "open": "pending",
    "cancelled": "due",
    "refused": "due",
}
"""State of the latest attempt → state of its payment; a paid payment stays paid."""

LEADS_TO: dict[str, frozenset[str]] = {
    "open": frozenset({"unknown", "action", "declined", "held", "paid", "cancelled", "refused"}),
    "unknown": frozenset({"action", "declined", "held", "paid", "cancelled", "refused"}),
    "held": frozenset({"paid", "cancelled"}),
    "action": frozenset({"paid", "cancelled"}),
    "declined": frozenset({"paid"}),
    "cancelled": frozenset({"paid"}),
    "refused": frozenset({"paid"}),
    "paid": frozenset(),
}
"""What may follow; money that arrived is the one thing every state gives way to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an intent says: the attempt's state, minor units received, and why where it failed."""

    state: str | None
    received: int = 0
    reason: str | None = None


def read_intent(status: str, received: int, failure: str | None, *, way: str) -> Reading:
    """Say what an intent's status means; a state of None changes nothing."""
    if status == "succeeded":
        return Reading("paid", received)
    if status == "requires_capture":
        return Reading("held")
    if status == "canceled":
        return Reading("cancelled")
    if status == "requires_payment_method" and failure and way != "link":
        state = "action" if failure == "authentication_required" else "declined"
        return Reading(state, reason=failure)
    return Reading(None)


def may_follow(state: str, following: str) -> bool:
    """Tell whether an attempt may go from one state to another."""
    return following in LEADS_TO[state]


def attempt_key(house: str, kind: str, reference: int, way: str, number: int) -> str:
    """Return an attempt's idempotency key, made of ids that never change."""
    return f"{house}:{kind}:{reference}:{way}:{number}"
