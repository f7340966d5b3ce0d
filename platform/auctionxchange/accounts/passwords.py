"""Hashing a password outside a request the way the pages check it."""

from argon2 import PasswordHasher


def hashed(password: str) -> str:
    """Return the argon2 hash of a password."""
    return PasswordHasher().hash(password)
