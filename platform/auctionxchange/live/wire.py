"""What travels: positions in the outbox and the frames of an event stream."""

import json
import time
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


def read_position(text: str | None) -> Position | None:
    """Read a position a browser sends back, or None for anything else."""
    first, dash, second = (text or "").partition("-")
    if not (dash and first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
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


def make_event(position: Position, house: str, channel: str, payload: dict[str, Any]) -> Event:
    """Write an event's frame."""
    body = json.dumps({"channel": channel, **payload}, separators=(",", ":"))
    frame = f"id: {position}\ndata: {body}\n\n".encode()
    return Event(position, house, channel, payload, frame)


def clock_frame() -> bytes:
    """Tell the server's clock in milliseconds since 1970; also keeps the connection alive."""
    return f"event: clock\ndata: {int(time.time() * 1000)}\n\n".encode()


def closing_frame(reason: str) -> bytes:
    """Tell why the stream ends: renew (ask for a new token) or signed_out."""
    return f"event: closing\ndata: {reason}\n\n".encode()
