"""The gateway's process: `python -m auctionxchange.live` on LIVE_PORT."""

import asyncio
import os
from socket import socket

import uvicorn

from auctionxchange.kernel.config import SettingInvalid, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import configure_logs
from auctionxchange.live.gateway import Gateway
from auctionxchange.live.hub import Hub
from auctionxchange.live.tail import Outbox
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.superuser import refuse_superuser

LEAVE_SECONDS = 5


class _Server(uvicorn.Server):
    """Uvicorn, told to end the streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, then leave as usual."""
        self._gateway.stop()
        await super().shutdown(sockets)


async def serve() -> None:
    """Run the gateway until it is told to stop."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_format)
    port = os.environ.get("LIVE_PORT", "8002")
    if not port.isdigit():
        raise SettingInvalid("LIVE_PORT", "set a port number")
    database = Database(settings.database_url, pool_size=2)
    refuse_superuser(database)
    role = database.platform_scope.role
    hub = Hub(role)
    outbox = Outbox(settings.database_url, role)
    gateway = Gateway(settings, Directory(database, settings), outbox, hub)
    config = uvicorn.Config(
        gateway.app(), host="127.0.0.1", port=int(port), log_config=None, access_log=False,
        timeout_graceful_shutdown=LEAVE_SECONDS, proxy_headers=False, lifespan="on",
    )  # fmt: skip
    await _Server(config, gateway).serve()


if __name__ == "__main__":
    asyncio.run(serve())
