"""Who follows what, and the last events, so that a reconnecting browser misses nothing."""

import asyncio
import contextlib
import heapq
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import takewhile

from auctionxchange.live.tokens import TOKEN_SECONDS
from auctionxchange.live.wire import START, Event, Position

REMEMBERED = 20_000
WAITING = 256
RENEW = "renew"
SIGNED_OUT = "signed_out"

Key = tuple[str, str]
"""A house's schema and a channel's name."""


class Viewer:
    """One open stream: its channels and the frames that wait to be sent."""

    def __init__(self, house: str, channels: Iterable[str]) -> None:
        self.house = house
        self.channels = frozenset(channels)
        self.closing: str | None = None
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()

    def offer(self, frame: bytes) -> None:
        """Queue a frame. A viewer too slow to follow is let go and gets all when it is back.

        What waits is forgotten as a whole: sending its end would take the browser's position past
        its beginning.
        """
        if self.closing is not None:
            return
        if len(self._waiting) >= WAITING:
            self._waiting.clear()
            self.end(RENEW)
            return
        self._waiting.append(frame)
        self._wake.set()

    def end(self, reason: str) -> None:
        """End the stream once what is queued was sent."""
        self.closing = self.closing or reason
        self._wake.set()

    async def take(self, until: float) -> bytes:
        """Return what waits in one piece; nothing when the loop's clock comes to `until`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._wake.wait()
        self._wake.clear()
        frames = b"".join(self._waiting)
        self._waiting.clear()
        return frames


class Hub:
    """Hands events to viewers and remembers the latest of each channel."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._viewers: defaultdict[Key, set[Viewer]] = defaultdict(set)
        self._channels: dict[Key, deque[Event]] = {}
        self._order: deque[Event] = deque()
        self._signed_out: dict[Key, float] = {}
        self.position: Position = START
        self.oldest: Position = START
        """From here on everything is remembered."""

    def begin(self, position: Position, events: Sequence[Event]) -> None:
        """Take over what happened last, up to a position, before this gateway was there."""
        self.position = position
        self.oldest = events[0].position if events else position
        for event in events:
            self.remember(event)

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
            if event.payload.get("type") == SIGNED_OUT:
                viewer.end(SIGNED_OUT)

    def remember(self, event: Event) -> None:
        """Keep an event for those who reconnect, without handing it out."""
        key = (event.house, event.channel)
        self._order.append(event)
        self._channels.setdefault(key, deque()).append(event)
        self.position = event.position
        if len(self._order) > REMEMBERED:
            self._forget_oldest()
        if event.payload.get("type") == SIGNED_OUT:
            self._note_sign_out(key)

    def since(self, viewer: Viewer, position: Position) -> list[Event]:
        """Return the remembered events of a viewer's channels after a position."""
        newest_first = (
            list(takewhile(lambda event: event.position > position, reversed(ring)))
            for ring in self._rings(viewer.house, viewer.channels)
        )
        return list(heapq.merge(*(reversed(events) for events in newest_first), key=_position))

    def latest(self, house: str, channels: Iterable[str]) -> list[Event]:
        """Return the latest event of each lot: the page may have been drawn before it."""
        last = {
            (event.channel, event.payload.get("lot")): event
            for ring in self._rings(house, channels)
            for event in ring
            if event.payload.get("type") == "lot"
        }
        return sorted(last.values(), key=_position)

    def signed_out_since(self, house: str, member: int | None, moment: float) -> bool:
        """Tell whether a member was signed out at or after a moment, in seconds since 1970."""
        return self._signed_out.get((house, f"member:{member}"), 0.0) >= moment

    def end_all(self) -> None:
        """End every stream; the browsers come back, here or to another gateway."""
        for viewers in list(self._viewers.values()):
            for viewer in tuple(viewers):
                viewer.end(RENEW)

    def _rings(self, house: str, channels: Iterable[str]) -> list[deque[Event]]:
        found = (self._channels.get((house, channel)) for channel in channels)
        return [ring for ring in found if ring is not None]

    def _forget_oldest(self) -> None:
        event = self._order.popleft()
        self.oldest = self._order[0].position
        key = (event.house, event.channel)
        self._channels[key].popleft()
        if not self._channels[key]:
            del self._channels[key]

    def _note_sign_out(self, key: Key) -> None:
        """Remember it as long as a token from before may live."""
        now = time.time()
        self._signed_out = {
            known: at for known, at in self._signed_out.items() if now - at <= 2 * TOKEN_SECONDS
        }
        self._signed_out[key] = now

    def _obey(self, event: Event) -> None:
        """Close a house's streams when the platform takes it off the air."""
        if event.payload.get("type") == "active":
            return
        for (house, _channel), viewers in list(self._viewers.items()):
            if house == event.payload.get("house"):
                for viewer in tuple(viewers):
                    viewer.end(RENEW)


def _position(event: Event) -> Position:
    return event.position
