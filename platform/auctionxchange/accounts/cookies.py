"""Cookies signed with the key of the plane or house they are for, and bound to its host alone."""

import hashlib
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from auctionxchange.accounts.plane import Plane

REMEMBER_DAYS = 30


class PlaneSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, its key asked for at each request."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer for the house or plane of this request."""
        del app
        return URLSafeTimedSerializer(
            self._plane.key("cookie"),
            salt="cookie-session",
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": _sha256},
        )


def cookie_settings(plane: Plane, *, secure: bool) -> dict[str, Any]:
    """Return names and flags: host-only, no scripts, and __Host- wherever https is served."""
    prefix = "__Host-" if secure else ""
    return {
        "SESSION_COOKIE_NAME": f"{prefix}{plane.name}",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_DOMAIN": None,
        "REMEMBER_COOKIE_NAME": f"{prefix}{plane.name}-remember",
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_DURATION": REMEMBER_DAYS * 24 * 3600,
    }


def _sha256(data: bytes = b"") -> Any:
    return hashlib.sha256(data)
