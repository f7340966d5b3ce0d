"""What every part may know about a house: an immutable value, read once at the door."""

import re
from dataclasses import dataclass, field
from typing import Any

from auctionxchange.kernel.config import Settings

SCHEMA = re.compile(r"t_[a-z0-9]{12,40}")


@dataclass(frozen=True, slots=True)
class House:
    """A tenant. Its schema is its identity: slug, name and domains may change, this never does."""

    schema: str
    slug: str
    name: str
    status: str
    currency: str
    time_zone: str
    country: str
    language: str
    languages: tuple[str, ...]
    theme: str
    secret: str = field(repr=False)
    theme_settings: dict[str, Any] = field(default_factory=dict, hash=False)
    version: int = 1
    primary_domain: str | None = None

    def host(self, settings: Settings) -> str:
        """Return the host name of its pages, without a port."""
        return self.primary_domain or f"{self.slug}.{settings.apex}"

    def url(self, settings: Settings, path: str = "/") -> str:
        """Return an absolute address at the house's primary domain."""
        return f"{settings.scheme}://{self.host(settings)}{settings.port_suffix}{path}"
