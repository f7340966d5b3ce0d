"""Small values stored so that only the running service can read them.

AES-256-GCM under keys of one house. Every sealed value names the place it belongs to, so that one
that was copied to another row or column does not open there.
"""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionxchange.kernel.signing import HasSecret, house_key_of

KEYS_OPTION = "auctionxchange_keys"
LARGEST = 10_000
_NONCE = 12


class SealBroken(RuntimeError):
    """A sealed value was changed, moved, or sealed under another key."""


class KeysMissing(RuntimeError):
    """The transaction's pool was made without the installation's secret key."""


class Seal:
    """Closes and opens values of one purpose at one house."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, value: bytes, place: bytes) -> bytes:
        """Return a value sealed for its place."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Return the value sealed for a place; raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("a sealed value does not open here") from error


class HouseKeys:
    """The keys of one house, derived once a purpose."""

    def __init__(self, secret_key: str, house: HasSecret) -> None:
        self._secret_key = secret_key
        self._house = house
        self._seals: dict[str, Seal] = {}

    def seal(self, purpose: str) -> Seal:
        """Return the seal of a purpose."""
        found = self._seals.get(purpose)
        if found is None:
            key = house_key_of(self._secret_key, self._house, purpose)
            found = self._seals[purpose] = Seal(key)
        return found


class Keyring:
    """Finds the keys of the house a transaction is for."""

    def __init__(self, secret_key: str | None) -> None:
        self._secret_key = secret_key
        self._known: dict[tuple[str, str], HouseKeys] = {}

    def options(self, house: Any) -> Mapping[str, Any]:
        """Return the execution option that hands a transaction its house's keys, if there are."""
        secret = getattr(house, "secret", None)
        if self._secret_key is None or not secret:
            return {}
        name = (house.schema, secret)
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= LARGEST:
                self._known.clear()
            found = self._known[name] = HouseKeys(self._secret_key, house)
        return {KEYS_OPTION: found}


class _HasOptions(Protocol):
    def get_execution_options(self) -> Mapping[str, Any]: ...


def keys_of(transaction: Connection | Session) -> HouseKeys:
    """Return the keys of the house whose transaction it is; raises KeysMissing."""
    bound: _HasOptions = (
        transaction.connection() if isinstance(transaction, Session) else transaction
    )
    keys: HouseKeys | None = bound.get_execution_options().get(KEYS_OPTION)
    if keys is None:
        raise KeysMissing("this pool was made without secret_key: nothing sealed can be read")
    return keys
