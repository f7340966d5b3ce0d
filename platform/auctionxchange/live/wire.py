"""What travels: positions in the outbox and the frames of an event stream."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

HEARTBEAT_SECONDS = 15


class Position(NamedTuple):
    """A place in the outbox; ordered by transaction, then row, so that no late commit is passed."""

    transaction: int
    row: int

    def __str__(self) -> str:
        return f"{self.transaction}-{self.row}"


START = Position(0, 0)
_LARGEST = 2**63 - 1
_LONGEST = 40


def read_position(text: str | None) -> Position | None:
    """Read a position a browser sends back, or None for anything else."""
    given = text or ""
    first, dash, second = given.partition("-")
    digits = first + second
    if not (dash and first and second and digits.isascii() and digits.isdigit()):
        return None
    if len(given) > _LONGEST or max(int(first), int(second)) > _LARGEST:
        return None
    return Position(int(first), int(second))


@dataclass(frozen=True, slots=True)
class Event:
    """One live row of the outbox, its frame written once for all viewers."""

    position: Position
    house: str
    channel: str
    payload: dict[str, Any]
    frame: bytes

    @property
    def body(self) -> dict[str, Any]:
        """Return what a script receives."""
        return {"channel": self.channel, **self.payload}


def make_event(position: Position, house: str, channel: str, payload: dict[str, Any]) -> Event:
    """Write an event's frame."""
    body = json.dumps({"channel": channel, **payload}, separators=(",", ":"))
    frame = f"id: {position}\ndata: {body}\n\n".encode()
    return Event(position, house, channel, payload, frame)


GAP: dict[str, Any] = {"channel": "", "type": "gap"}
"""What a script receives when events were missed that nobody remembers: load the page anew."""


def gap_frame() -> bytes:
    """Tell that events were missed for good."""
    return f"data: {json.dumps(GAP)}\n\n".encode()


def ready_frame(position: Position, retry: int) -> bytes:
    """Tell that everything up to a position was sent, and when to retry, in milliseconds."""
    return f"retry: {retry}\nevent: ready\nid: {position}\ndata: {{}}\n\n".encode()


def clock_frame(now: int) -> bytes:
    """Tell the server's clock in milliseconds since 1970; also keeps the connection alive."""
    return f"event: clock\ndata: {now}\n\n".encode()


def closing_frame(reason: str) -> bytes:
    """Tell why the stream ends: renew (ask for a new token) or signed_out."""
    return f"event: closing\ndata: {reason}\n\n".encode()
