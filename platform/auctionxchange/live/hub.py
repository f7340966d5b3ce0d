"""Who follows what, and the last events, so that a reconnecting browser misses nothing."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable

from auctionxchange.live.wire import START, Event, Position

REMEMBERED = 20_000
WAITING = 256

Key = tuple[str, str]
"""A house's schema and a channel's name."""


class Viewer:
    """One open stream: its channels and the frames that wait to be sent."""

    def __init__(self, house: str, channels: Iterable[str], member: int | None) -> None:
        self.house = house
        self.channels = frozenset(channels)
        self.member = member
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)
        self.closing: str | None = None

    def offer(self, frame: bytes) -> None:
        """Queue a frame; a viewer too slow to follow is let go and will reconnect."""
        if self.closing is not None:
            return
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.end("renew")

    def end(self, reason: str) -> None:
        """End the stream once what is queued was sent."""
        self.closing = reason
        try:
            self.waiting.put_nowait(None)
        except asyncio.QueueFull:
            self.waiting.get_nowait()
            self.waiting.put_nowait(None)


class Hub:
    """Hands events to viewers and remembers the latest."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._viewers: defaultdict[Key, set[Viewer]] = defaultdict(set)
        self._ring: deque[Event] = deque(maxlen=REMEMBERED)
        self.position: Position = START

    @property
    def oldest(self) -> Position:
        """Return the first position that is remembered, or the current one."""
        return self._ring[0].position if self._ring else self.position

    def join(self, viewer: Viewer) -> None:
        """Let a viewer follow its channels from now on."""
        for channel in viewer.channels:
            self._viewers[viewer.house, channel].add(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer."""
        for channel in viewer.channels:
            followers = self._viewers[viewer.house, channel]
            followers.discard(viewer)
            if not followers:
                del self._viewers[viewer.house, channel]

    def publish(self, event: Event) -> None:
        """Hand an event to its followers."""
        self.remember(event)
        if event.house == self._platform:
            self._obey(event)
            return
        followers = self._viewers.get((event.house, event.channel), ())
        for viewer in tuple(followers):
            viewer.offer(event.frame)
        if event.payload.get("type") == "signed_out":
            for viewer in tuple(followers):
                viewer.end("signed_out")

    def remember(self, event: Event) -> None:
        """Keep an event for those who reconnect, without handing it out."""
        self._ring.append(event)
        self.position = event.position

    def since(self, viewer: Viewer, position: Position | None) -> list[Event]:
        """Return remembered events of a viewer's channels, after a position or all of them.

        Without a position only the latest event of each lot is returned: the page may have been
        drawn before it.
        """
        found = [
            event
            for event in self._ring
            if event.house == viewer.house
            and event.channel in viewer.channels
            and (position is None or event.position > position)
        ]
        return found if position is not None else _latest(found)

    def _obey(self, event: Event) -> None:
        """Close a house's streams when the platform says so."""
        if event.payload.get("type") != "suspended":
            return
        for (house, _channel), viewers in list(self._viewers.items()):
            if house == event.payload.get("house"):
                for viewer in tuple(viewers):
                    viewer.end("renew")


def _latest(events: list[Event]) -> list[Event]:
    """Keep the latest event of each lot; what is no lot's is not repeated to a fresh page."""
    last = {
        (event.channel, event.payload["lot"]): event
        for event in events
        if event.payload.get("type") == "lot"
    }
    return sorted(last.values(), key=lambda event: event.position)
