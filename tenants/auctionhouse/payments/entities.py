"""Whose account takes cards where nothing says it: the house's first legal entity's."""

from sqlalchemy import text
from sqlalchemy.orm import Session

BEFORE_ANY = 1
"""The number the first legal entity will have; an account may be connected before it is added."""

_FIRST = text("SELECT min(id) FROM legal_entity")


def first_entity(session: Session) -> int:
    """Return the first legal entity's number, or the one it will have."""
    return session.scalar(_FIRST) or BEFORE_ANY
