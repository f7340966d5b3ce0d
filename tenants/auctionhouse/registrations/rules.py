"""Which decisions lead from which state of a registration to which. Pure."""

REGISTRATION_TRANSITIONS: dict[str, dict[str, str]] = {
    "pending": {"approve": "approved", "decline": "declined"},
    "approved": {"suspend": "suspended"},
    "declined": {"approve": "approved"},
    "suspended": {"approve": "approved", "decline": "declined"},
}
"""State → decision → next state. Whoever was approved once keeps the paddle through it all."""

NEEDS_REASON = frozenset({"decline", "suspend"})


def decided(state: str, decision: str) -> str | None:
    """Return the state a decision leads to, or None where it cannot be taken."""
    return REGISTRATION_TRANSITIONS[state].get(decision)
