"""The live gateway: one asyncio process that tails the outbox and holds the browsers' streams.

It keeps no database connection per viewer. A stream needs a token of the house whose host was
asked; it ends after STREAM_SECONDS, when a member is signed out and when a house is suspended.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.live.hub import REMEMBERED, Hub, Viewer
from auctionxchange.live.tail import POLL_SECONDS, Outbox, persist
from auctionxchange.live.tokens import Permission, read_token
from auctionxchange.live.wire import (
    HEARTBEAT_SECONDS,
    Event,
    Position,
    clock_frame,
    closing_frame,
    read_position,
)
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import normalised_host

STREAM_SECONDS = 1800
BEAT_SECONDS = 5
RETRY_MILLISECONDS = 1000


class Gateway:
    """Routes, the tailing task and the heartbeat of one gateway process."""

    def __init__(self, settings: Settings, directory: Directory, outbox: Outbox, hub: Hub) -> None:
        self._settings = settings
        self._directory = directory
        self._outbox = outbox
        self._hub = hub
        self._stopping = asyncio.Event()

    def app(self) -> Starlette:
        """Build the ASGI application."""
        routes = [
            Route("/live/stream", self.stream),
            Route("/live/poll", self.poll),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    def stop(self) -> None:
        """End all streams, so that the server can leave; browsers reconnect elsewhere."""
        self._stopping.set()

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        for event in await persist("start", self._outbox, lambda: self._outbox.recent(REMEMBERED)):
            self._hub.remember(event)
        tasks = [asyncio.create_task(self._tail()), asyncio.create_task(self._beat())]
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
            for event in events:
                self._hub.publish(event)
            await asyncio.sleep(POLL_SECONDS)

    async def _beat(self) -> None:
        while True:
            await persist("beat", self._outbox, lambda: self._outbox.beat("gateway"))
            await asyncio.sleep(BEAT_SECONDS)

    async def stream(self, request: Request) -> Response:
        """Answer with an event stream, what was missed first."""
        found = await self._admit(request)
        if isinstance(found, Response):
            return found
        house, permission = found
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        viewer = Viewer(house.schema, permission.channels, permission.member)
        self._hub.join(viewer)
        missed = await self._missed(viewer, read_position(after))
        headers = {
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Content-Type-Options": "nosniff",
        }
        return StreamingResponse(
            self._frames(viewer, missed), media_type="text/event-stream", headers=headers
        )

    async def poll(self, request: Request) -> Response:
        """Answer with what was missed, for browsers whose streams are blocked."""
        found = await self._admit(request)
        if isinstance(found, Response):
            return found
        house, permission = found
        viewer = Viewer(house.schema, permission.channels, permission.member)
        events = await self._missed(viewer, read_position(request.query_params.get("after")))
        body = {
            "now": int(time.time() * 1000),
            "position": str(self._hub.position),
            "events": [{"channel": event.channel, **event.payload} for event in events],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def _admit(self, request: Request) -> tuple[House, Permission] | Response:
        host = normalised_host(request.headers.get("host", ""))
        if host is None:
            return PlainTextResponse("Nothing here.", 404)
        house = await asyncio.to_thread(self._directory.by_host, host)
        if house is None or house.status != "active":
            return PlainTextResponse("Nothing here.", 404 if house is None else 503)
        try:
            return house, read_token(self._settings, house, request.query_params.get("token", ""))
        except Forbidden:
            return PlainTextResponse("This token is not valid here.", 403)

    async def _missed(self, viewer: Viewer, after: Position | None) -> list[Event]:
        if after is None or after >= self._hub.oldest:
            return self._hub.since(viewer, after)
        until = self._hub.position
        channels = sorted(viewer.channels)
        return list(await self._outbox.missed(viewer.house, channels, after, until))

    async def _frames(self, viewer: Viewer, missed: list[Event]) -> AsyncIterator[bytes]:
        ends = asyncio.get_running_loop().time() + STREAM_SECONDS
        last = missed[-1].position if missed else self._hub.position
        opening = f"retry: {RETRY_MILLISECONDS}\nevent: ready\nid: {last}\ndata: {{}}\n\n"
        try:
            yield b"".join(event.frame for event in missed)
            yield opening.encode() + clock_frame()
            while asyncio.get_running_loop().time() < ends and not self._stopping.is_set():
                frame = await self._next(viewer)
                if frame is None:
                    break
                yield frame
            yield closing_frame(viewer.closing or "renew")
        finally:
            self._hub.leave(viewer)

    async def _next(self, viewer: Viewer) -> bytes | None:
        """Return the next frames in one piece, the clock where nothing happens, None to end."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                frame = await viewer.waiting.get()
        except TimeoutError:
            return clock_frame()
        frames = [frame]
        while not viewer.waiting.empty():
            frames.append(viewer.waiting.get_nowait())
        sent = b"".join(part for part in frames if part is not None)
        if None in frames and not sent:
            return None
        if None in frames:
            viewer.waiting.put_nowait(None)
        return sent
