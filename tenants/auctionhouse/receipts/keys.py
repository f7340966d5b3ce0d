"""The house's signing key: made when first needed, kept sealed, published by its public half."""

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from auctionxchange.kernel.sealing import keys_of

PURPOSE = "receipts.signing"
KEY_ID_LENGTH = 16
_CURRENT = text("SELECT id, public_key, private_key FROM signing_key WHERE retired_at IS NULL")
_MAKE = text(
    "INSERT INTO signing_key (id, public_key, private_key) VALUES (:id, :public, :private)"
    " ON CONFLICT DO NOTHING"
)
_PUBLISHED = text(
    "SELECT id, public_key, created_at, retired_at FROM signing_key ORDER BY created_at, id"
)
_RETIRE = text("UPDATE signing_key SET retired_at = clock_timestamp() WHERE retired_at IS NULL")


@dataclass(frozen=True, slots=True)
class Signer:
    """The house's current key."""

    id: str
    public_key: bytes
    private_key: Ed25519PrivateKey

    def sign(self, statement: str) -> bytes:
        """Return the signature of a statement; the same statement gives the same one."""
        return self.private_key.sign(statement.encode())


def current_signer(transaction: Connection | Session) -> Signer:
    """Return the house's key, made now where it has none."""
    found = transaction.execute(_CURRENT).first()
    if found is None:
        _make(transaction)
        found = transaction.execute(_CURRENT).one()
    opened = keys_of(transaction).seal(PURPOSE).open(bytes(found.private_key), found.id.encode())
    return Signer(found.id, bytes(found.public_key), Ed25519PrivateKey.from_private_bytes(opened))


def _make(transaction: Connection | Session) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    name = key_id(public)
    sealed = keys_of(transaction).seal(PURPOSE).close(private.private_bytes_raw(), name.encode())
    transaction.execute(_MAKE, {"id": name, "public": public, "private": sealed})


def key_id(public_key: bytes) -> str:
    """Return the name of a key: the beginning of its hash."""
    return hashlib.sha256(public_key).hexdigest()[:KEY_ID_LENGTH]


def retire_key(transaction: Connection | Session) -> Signer:
    """Put a new key in the place of the current one, which stays published."""
    transaction.execute(_RETIRE)
    return current_signer(transaction)


def published_keys(transaction: Connection | Session) -> list[dict[str, Any]]:
    """Return all public keys the house ever signed with, the oldest first."""
    current_signer(transaction)
    return [
        {
            "id": row.id,
            "algorithm": "Ed25519",
            "public_key": bytes(row.public_key).hex(),
            "from": row.created_at.isoformat(),
            "until": None if row.retired_at is None else row.retired_at.isoformat(),
        }
        for row in transaction.execute(_PUBLISHED)
    ]
