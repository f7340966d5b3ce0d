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
from functools import lru_cache
from typing import Any

FORMAT = 1
GENESIS = bytes(32)
PSEUDONYM_LENGTH = 6
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

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
    "retraction",
    "cancellation",
    "reopened",
    "correction",
    "outage",
    "opened_book",
    "sealed_bid",
    "sealed_withdrawn",
    "ended",
    "opening_asked",
    "bids_opened",
    "taking",
    "purchase",
    "agreement",
    "conditional",
    "choosing",
    "chosen",
    "after_sale",
    "sale_cancelled",
)


FAULTS = {
    "unreadable": "it is no JSON object of texts, whole numbers, truth values and lists",
    "canonical": "it is not written the one way that is hashed",
    "hash": "its text does not give its hash: it was changed",
    "previous": "it does not follow the entry before it: one was removed, added or exchanged",
    "sequence": "its number is not the next one",
    "time": "its time is missing or before the entry before it",
    "lot": "it belongs to another lot",
    "format": "its format is unknown to this verifier",
    "kind": "its kind is unknown to this verifier",
    "head": "the chain ends before or after the head that was published",
}


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


@lru_cache(maxsize=8192)
def iso(value: int) -> str:
    """Write microseconds since 1970 as the ledger does: UTC, six decimals, Z."""
    return f"{moment(value).isoformat(timespec='microseconds')[:-6]}Z"


def canonical(payload: Mapping[str, Any]) -> str:
    """Write a payload the one way it is hashed: sorted keys, no spaces, UTF-8."""
    return _canonical(payload)


def entry_hash(text: str) -> bytes:
    """Return the SHA-256 of a canonical payload, which names its predecessor's hash itself."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


@lru_cache(maxsize=65536)
def pseudonym(secret: bytes, client_id: int) -> str:
    """Return a bidder's name on one lot; another lot's secret gives an unrelated one."""
    return _name(secret, f"client:{client_id}")


def marks(secret: bytes, *, placed_by: int, staff: bool, house: bool) -> dict[str, Any]:
    """Return what a bid's marks commit to: the member who entered it has a name of this lot only.

    Told are whether staff entered it for a client and whether the house bid for the seller.
    """
    return {"house": house, "placed_by": member_pseudonym(secret, placed_by), "staff": staff}


@lru_cache(maxsize=65536)
def member_pseudonym(secret: bytes, member_id: int) -> str:
    """Return a member's name on one lot, of whoever acts for the house."""
    return _name(secret, f"member:{member_id}")


def _name(secret: bytes, who: str) -> str:
    digest = hmac.digest(secret, who.encode(), "sha256")
    return b32encode(digest[:5]).decode()[:PSEUDONYM_LENGTH]


def commitment_salt(secret: bytes, name: str) -> bytes:
    """Return the salt of one commitment of an entry; it tells nothing of the entry's others."""
    return hmac.digest(secret, name.encode(), "sha256")


def commitment(salt: bytes, name: str, value: Any) -> str:
    """Bind to a named value without showing it; salt and value open it later."""
    return hashlib.sha256(salt + canonical({name: value}).encode()).hexdigest()


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
    """What is wrong at which entry, as a code that FAULTS explains."""

    sequence: int
    fault: str

    def __str__(self) -> str:
        return f"entry {self.sequence}: {FAULTS[self.fault]}"


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


def verify(entries: Iterable[Entry], head: bytes | None = None) -> list[Fault]:
    """Return everything wrong with a chain, nothing where it holds.

    Only a head that was published elsewhere tells whether entries are missing at the end.
    """
    faults: list[Fault] = []
    position, before = 0, _Before(GENESIS.hex(), "", None)
    for position, entry in enumerate(entries, start=1):
        if entry_hash(entry.payload) != entry.hash:
            faults.append(Fault(position, "hash"))
        payload = _read(entry.payload)
        if payload is None:
            faults.append(Fault(position, "unreadable"))
            before = _Before(entry.hash.hex(), before.at, before.lot)
            continue
        if canonical(payload) != entry.payload:
            faults.append(Fault(position, "canonical"))
        faults += [Fault(position, fault) for fault in _faults(payload, position, before)]
        before = _Before(entry.hash.hex(), str(payload.get("at")), before.lot or _lot_of(payload))
    if head is not None and before.hash != head.hex():
        faults.append(Fault(position, "head"))
    return faults


@dataclass(frozen=True, slots=True)
class _Before:
    """What an entry must follow: the hash and time of the entry before, and the chain's lot."""

    hash: str
    at: str
    lot: tuple[Any, Any] | None


def _read(text: str) -> dict[str, Any] | None:
    try:
        payload = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no whole number")


def _lot_of(payload: Mapping[str, Any]) -> tuple[Any, Any]:
    return payload.get("sale"), payload.get("lot")


def _faults(payload: Mapping[str, Any], position: int, before: _Before) -> list[str]:
    at = payload.get("at")
    wrong = {
        "previous": payload.get("previous") != before.hash,
        "sequence": payload.get("sequence") != position,
        "time": not _is_time(at) or str(at) < before.at,
        "lot": before.lot is not None and _lot_of(payload) != before.lot,
        "format": payload.get("format") != FORMAT,
        "kind": payload.get("kind") not in KINDS,
    }
    return [fault for fault, found in wrong.items() if found]


def _is_time(value: Any) -> bool:
    try:
        read = datetime.strptime(value, TIME_FORMAT).replace(tzinfo=UTC)
        return iso(microseconds(read)) == str(value)
    except (TypeError, ValueError):
        return False
