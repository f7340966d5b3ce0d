"""What is said about an entry, and the times entries tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from auctionhouse.bidding.ledger import TIME_FORMAT, microseconds

Verdict = Literal["proved", "open", "wrong"]
Said = tuple[Verdict, str]
"""A verdict and its sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said about an entry: proved, open (could not be proved) or wrong."""

    sequence: int
    verdict: Verdict
    text: str


def at_of(payload: Mapping[str, Any], name: str) -> int:
    """Return a time of a payload as microseconds."""
    told = datetime.strptime(payload[name], TIME_FORMAT).replace(tzinfo=UTC)
    return microseconds(told)
