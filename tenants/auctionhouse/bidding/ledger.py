"""The ledger's public format: canonical JSON, a hash chain a lot, pseudonyms and commitments.

docs/ledger-format.md is the specification. Only the standard library is imported, since the
offline verifier is generated from this file and rules.py.
"""

import hashlib
import hmac
import json
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FORMAT = 1
GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

KINDS = (
    "opened",
    "bid",
    "automatic",
    "raise",
    "extended",
    "paused",
    "resumed",
    "postponed",
    "terms_changed",
    "text_changed",
    "withdrawn",
    "hammer",
    "unsold",
    "correction",
)


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


def iso(value: int) -> str:
    """Write microseconds since 1970 as the ledger does: UTC, six decimals, Z."""
    return moment(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(payload: Mapping[str, Any]) -> str:
    """Write a payload the one way it is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_hash(text: str) -> bytes:
    """Return the SHA-256 of a canonical payload, which names its predecessor's hash itself."""
    return hashlib.sha256(text.encode()).digest()


def pseudonym(secret: bytes, client_id: int) -> str:
    """Return a bidder's name on one lot; another lot's secret gives an unrelated one."""
    digest = hmac.digest(secret, f"client:{client_id}".encode(), "sha256")
    return b32encode(digest)[:5].decode()


def commitment(salt: bytes, values: Mapping[str, Any]) -> str:
    """Bind to values without showing them; salt and values open it later."""
    return hashlib.sha256(salt + canonical(values).encode()).hexdigest()


def sale_head(heads: Iterable[tuple[str, bytes]]) -> str:
    """Return the hash over all lots' heads, given as (lot number, head) in lot order."""
    text = "".join(f"{number}:{head.hex()}\n" for number, head in heads)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as published: its payload's text and the hash that was stored for it."""

    payload: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at which entry: hash, previous, sequence, time, canonical or unreadable."""

    sequence: int
    fault: str


class Chain:
    """Builds the next payloads of one lot's chain."""

    def __init__(self, sale: str, lot: str, length: int, head: bytes, last_at: int) -> None:
        self._sale = sale
        self._lot = lot
        self.length = length
        self.head = head
        self.last_at = last_at

    def add(self, kind: str, at: int, public: Mapping[str, Any]) -> Entry:
        """Append an entry of a kind at a time (microseconds), with the fields that are public."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of entry")
        text = canonical(
            {
                **public,
                "format": FORMAT,
                "sale": self._sale,
                "lot": self._lot,
                "sequence": self.length + 1,
                "kind": kind,
                "at": iso(max(at, self.last_at)),
                "previous": self.head.hex(),
            }
        )
        self.length += 1
        self.head = entry_hash(text)
        self.last_at = max(at, self.last_at)
        return Entry(text, self.head)


def verify(entries: Iterable[Entry]) -> list[Fault]:
    """Return everything wrong with a chain, nothing where it holds."""
    faults: list[Fault] = []
    head, last_at = GENESIS.hex(), ""
    for position, entry in enumerate(entries, start=1):
        if entry_hash(entry.payload) != entry.hash:
            faults.append(Fault(position, "hash"))
        payload = _read(entry.payload)
        if payload is None:
            faults.append(Fault(position, "unreadable"))
            head = entry.hash.hex()
            continue
        faults += [Fault(position, fault) for fault in _faults(payload, position, head, last_at)]
        if canonical(payload) != entry.payload:
            faults.append(Fault(position, "canonical"))
        head, last_at = entry.hash.hex(), str(payload.get("at", last_at))
    return faults


def _read(text: str) -> dict[str, Any] | None:
    try:
        payload = json.loads(text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _faults(payload: Mapping[str, Any], position: int, head: str, last_at: str) -> list[str]:
    found = []
    if payload.get("previous") != head:
        found.append("previous")
    if payload.get("sequence") != position:
        found.append("sequence")
    if str(payload.get("at", "")) < last_at:
        found.append("time")
    return found
