"""Which house a host name belongs to, remembered for a moment.

A change made in another process is seen within TTL_SECONDS; the process that made it forgets at
once. Unknown hosts are remembered more briefly, so that a new house serves soon.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import text

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House

TTL_SECONDS = 2.0
UNKNOWN_TTL_SECONDS = 1.0
LARGEST = 10_000

_COLUMNS = (
    "h.schema, h.slug, h.name, h.status, h.currency, h.time_zone, h.country, h.language,"
    " h.languages, h.theme, h.secret, h.theme_settings, h.version, h.primary_domain"
)
_SELECT = f"SELECT {_COLUMNS} FROM exchange.house h"  # noqa: S608 - constant
_BY_DOMAIN = text(
    f"{_SELECT} JOIN exchange.domain d ON d.house_schema = h.schema"
    " WHERE d.host = :key AND d.verified_at IS NOT NULL"
)
_BY_SLUG = text(f"{_SELECT} WHERE h.slug = :key")
_BY_SCHEMA = text(f"{_SELECT} WHERE h.schema = :key")
_ALL = text(f"{_SELECT} ORDER BY h.created_at, h.schema")


@dataclass(frozen=True, slots=True)
class _Remembered:
    house: House | None
    until: float


class Directory:
    """Finds houses by host, slug or schema."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._remembered: dict[tuple[str, str], _Remembered] = {}
        self._lock = Lock()

    def by_host(self, host: str) -> House | None:
        """Return the house a normalised host name serves, whatever its status, or None."""
        kind, name = self._named(host)
        if kind == "slug":
            return None if "." in name else self._find("slug", name, _BY_SLUG)
        return self._find("host", name, _BY_DOMAIN)

    def remembered(self, host: str) -> House | None:
        """Return the house of a normalised host name if it was found a moment ago; asks nobody."""
        known = self._remembered.get(self._named(host))
        return None if known is None or known.until <= time.monotonic() else known.house

    def _named(self, host: str) -> tuple[str, str]:
        """Return by what a host names a house: its slug under the apex, or a domain."""
        suffix = f".{self._settings.apex}"
        return ("slug", host.removesuffix(suffix)) if host.endswith(suffix) else ("host", host)

    def by_slug(self, slug: str) -> House | None:
        """Return the house with a slug."""
        return self._find("slug", slug, _BY_SLUG)

    def by_schema(self, schema: str) -> House | None:
        """Return the house with a schema."""
        return self._find("schema", schema, _BY_SCHEMA)

    def all(self) -> list[House]:
        """Return every house, oldest first, unremembered."""
        with self._database.platform_connection() as connection:
            return [_house(row) for row in connection.execute(_ALL).mappings()]

    def forget(self) -> None:
        """Look everything up anew: something was changed here."""
        with self._lock:
            self._remembered.clear()

    def _find(self, kind: str, key: str, query: Any) -> House | None:
        now = time.monotonic()
        known = self._remembered.get((kind, key))
        if known is not None and known.until > now:
            return known.house
        with self._database.platform_connection() as connection:
            row = connection.execute(query, {"key": key}).mappings().first()
        house = None if row is None else _house(row)
        ttl = UNKNOWN_TTL_SECONDS if house is None else TTL_SECONDS
        with self._lock:
            if len(self._remembered) >= LARGEST:
                self._remembered.clear()
            self._remembered[kind, key] = _Remembered(house, now + ttl)
        return house


def _house(row: Any) -> House:
    return House(**{**row, "languages": tuple(row["languages"])})
