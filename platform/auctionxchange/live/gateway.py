"""The live gateway: one asyncio process that tails the outbox and holds the browsers' streams.

It keeps no database connection per viewer. A stream needs a token of the house whose host was
asked; it ends after STREAM_SECONDS, when a member is signed out and when a house is suspended.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Send

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.kernel.logs import logger
from auctionxchange.live.hub import REMEMBERED, RENEW, SIGNED_OUT, Hub, Viewer
from auctionxchange.live.tail import POLL_SECONDS, Outbox, persist
from auctionxchange.live.tokens import Permission, read_token
from auctionxchange.live.wire import (
    GAP,
    HEARTBEAT_SECONDS,
    Event,
    Position,
    clock_frame,
    closing_frame,
    gap_frame,
    read_position,
    ready_frame,
)
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import normalised_host

STREAM_SECONDS = 1800
SLOW_SECONDS = 30
BEAT_SECONDS = 5
RETRY_MILLISECONDS = 1000
_log = logger("live")


@dataclass(frozen=True, slots=True)
class Missed:
    """What a viewer has not seen: None where that can no longer be told; it now is at `until`."""

    events: list[Event] | None
    until: Position

    @property
    def signed_out(self) -> bool:
        """Tell whether the viewer's member was signed out meanwhile."""
        return any(event.payload.get("type") == SIGNED_OUT for event in self.events or ())

    def frames(self) -> bytes:
        """Return what was missed as it travels."""
        if self.events is None:
            return gap_frame()
        return b"".join(event.frame for event in self.events)

    def bodies(self) -> list[dict[str, Any]]:
        """Return what was missed as a script receives it."""
        return [GAP] if self.events is None else [event.body for event in self.events]


class EventStream(StreamingResponse):
    """A stream that gives a connection up which takes nothing for SLOW_SECONDS."""

    async def stream_response(self, send: Send) -> None:
        """Send what comes, with patience but not for ever."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SLOW_SECONDS):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(send_in_time)


class Gateway:
    """Routes, the tailing task and the heartbeat of one gateway process."""

    def __init__(self, settings: Settings, directory: Directory, outbox: Outbox, hub: Hub) -> None:
        self._settings = settings
        self._directory = directory
        self._outbox = outbox
        self._hub = hub
        self._ahead = 0.0

    def app(self) -> Starlette:
        """Build the ASGI application."""
        routes = [
            Route("/live/stream", self.stream),
            Route("/live/poll", self.poll),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    def stop(self) -> None:
        """End all streams, so that the server can leave; browsers reconnect elsewhere."""
        self._hub.end_all()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        settled = await persist("start", self._outbox, self._outbox.settled)
        recent = await persist("start", self._outbox, lambda: self._outbox.recent(REMEMBERED))
        self._hub.begin(settled, recent)
        tasks = [asyncio.create_task(self._tail()), asyncio.create_task(self._beat())]
        for task in tasks:
            task.add_done_callback(_leave_if_broken)
        yield
        self.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._outbox.close()

    async def _tail(self) -> None:
        while True:
            events = await persist(
                "tail", self._outbox, lambda: self._outbox.after(self._hub.position)
            )
            if any(event.channel == "houses" for event in events):
                # Who comes back in this moment must not meet what was known a moment ago.
                self._directory.forget()
            for event in events:
                self._hub.publish(event)
            await asyncio.sleep(POLL_SECONDS)

    async def _beat(self) -> None:
        while True:
            asked = time.time()
            told = await persist("beat", self._outbox, lambda: self._outbox.beat("gateway"))
            self._ahead = told - (asked + time.time()) / 2
            await asyncio.sleep(BEAT_SECONDS)

    def _now(self) -> int:
        """Return the database's clock, which decides when a bid is late, in milliseconds."""
        return int((time.time() + self._ahead) * 1000)

    async def stream(self, request: Request) -> Response:
        """Answer with an event stream, what was missed first."""
        found = await self._admit(request)
        if isinstance(found, Response):
            return found
        headers = {
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Content-Type-Options": "nosniff",
        }
        return EventStream(
            self._frames(found, request), media_type="text/event-stream", headers=headers
        )

    async def poll(self, request: Request) -> Response:
        """Answer with what was missed, for browsers whose streams are blocked."""
        found = await self._admit(request)
        if isinstance(found, Response):
            return found
        try:
            missed = await self._missed(found, request)
        except (psycopg.Error, OSError):
            return _unavailable()
        body = {"now": self._now(), "position": str(missed.until), "events": missed.bodies()}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def _admit(self, request: Request) -> Viewer | Response:
        """Return a viewer who may follow, or the refusal."""
        host = normalised_host(request.headers.get("host", ""))
        if host is None:
            return PlainTextResponse("Nothing here.", 404)
        try:
            house = await asyncio.to_thread(self._directory.by_host, host)
        except SQLAlchemyError:
            return _unavailable()
        if house is None:
            return PlainTextResponse("Nothing here.", 404)
        if house.status != "active":
            return _unavailable()
        permission = self._permission(house, request.query_params.get("token", ""))
        if permission is None:
            return PlainTextResponse("This token is not valid here.", 403)
        return Viewer(house.schema, permission.channels)

    def _permission(self, house: House, token: str) -> Permission | None:
        try:
            permission = read_token(self._settings, house, token)
        except Forbidden:
            return None
        issued = permission.issued_at
        gone = self._hub.signed_out_since(house.schema, permission.member, issued)
        return None if gone else permission

    async def _missed(self, viewer: Viewer, request: Request) -> Missed:
        """Find what a viewer has not seen.

        A browser that comes back says where it was and which channels are new to it; of those,
        and for a browser that never was here, the latest of each lot is sent.
        """
        asked = request.headers.get("last-event-id") or request.query_params.get("after")
        after, until = read_position(asked), self._hub.position
        if after is None:
            return Missed(self._hub.latest(viewer.house, viewer.channels), until)
        fresh = viewer.channels.intersection(request.query_params.get("fresh", "").split(","))
        latest = self._hub.latest(viewer.house, fresh)
        if after >= self._hub.oldest:
            return Missed([*latest, *self._hub.since(viewer, after)], until)
        known = sorted(viewer.channels)
        events = await self._outbox.missed(viewer.house, known, after, until)
        return Missed(None if events is None else [*latest, *events], until)

    async def _frames(self, viewer: Viewer, request: Request) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        # Not all who came together leave together.
        ends = clock() + STREAM_SECONDS * random.uniform(0.9, 1.0)  # noqa: S311
        beat = clock() + HEARTBEAT_SECONDS
        self._hub.join(viewer)
        try:
            missed = await self._missed(viewer, request)
            opening = ready_frame(missed.until, RETRY_MILLISECONDS) + clock_frame(self._now())
            yield missed.frames() + opening
            if missed.signed_out:
                viewer.end(SIGNED_OUT)
            while viewer.closing is None and clock() < ends:
                sent = await viewer.take(min(beat, ends))
                if clock() >= beat:
                    sent += clock_frame(self._now())
                    beat = clock() + HEARTBEAT_SECONDS
                if sent:
                    yield sent
            yield closing_frame(viewer.closing or RENEW)
        except (psycopg.Error, OSError):
            yield closing_frame(RENEW)
        finally:
            self._hub.leave(viewer)


def _unavailable() -> Response:
    return PlainTextResponse("One moment.", 503, {"Retry-After": "5", "Cache-Control": "no-store"})


def _leave_if_broken(task: asyncio.Task[None]) -> None:
    """End the process when a part of it ended that never should: its starter begins anew."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("stopped", error=type(error).__name__, exc_info=error)
        signal.raise_signal(signal.SIGTERM)
