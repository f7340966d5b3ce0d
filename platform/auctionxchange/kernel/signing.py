"""Keys and signed texts that are worth something at one house only.

Each key is derived from SECRET_KEY, the house's schema and the house's own secret, so a copy of a
house made by import, which gets a new secret, accepts nothing the original signed.
"""

from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import URLSafeTimedSerializer

from auctionxchange.kernel.config import Settings


class HasSecret(Protocol):
    """Whatever has a schema and a secret of its own: a house."""

    @property
    def schema(self) -> str:
        """Return the house's schema."""
        ...

    @property
    def secret(self) -> str:
        """Return the house's secret."""
        ...


def house_key(settings: Settings, house: HasSecret, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose at one house."""
    return house_key_of(settings.secret_key, house, purpose)


def house_key_of(secret_key: str, house: HasSecret, purpose: str) -> bytes:
    """Derive the same where only the installation's secret is at hand."""
    return _derive(secret_key, f"house:{house.schema}:{house.secret}:{purpose}")


def platform_key(settings: Settings, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose of the platform itself."""
    return _derive(settings.secret_key, f"platform:{purpose}")


def house_serializer(settings: Settings, house: HasSecret, purpose: str) -> URLSafeTimedSerializer:
    """Sign and read texts of one purpose at one house."""
    return URLSafeTimedSerializer(house_key(settings, house, purpose), salt=purpose)


def platform_serializer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    """Sign and read texts of one purpose of the platform."""
    return URLSafeTimedSerializer(platform_key(settings, purpose), salt=purpose)


def _derive(secret: str, info: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=b"auctionxchange", info=info.encode())
    return derivation.derive(secret.encode())
