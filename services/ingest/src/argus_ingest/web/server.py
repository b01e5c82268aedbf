"""The HTTP server, ended by an event instead of a signal."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn
from litestar.types import ASGIApp

from argus_runtime.health import Check

SECONDS_TO_FINISH = 6
"""For requests under way when we are told to stop."""

SECONDS_TO_KEEP = 75
"""For idle connections: longer than any proxy before us keeps them, or it would post into a closing one."""

BACKLOG = 2048

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that leaves signals to the lifecycle, and says when it listens."""

    def __init__(self, config: uvicorn.Config, check: Check) -> None:
        super().__init__(config)
        self._check = check

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        if self.started:
            self._check.ok()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event, check: Check) -> None:
    """Answer requests until `stop` is set, then finish those under way.

    Raises:
        OSError: the port is taken.
    """
    config = uvicorn.Config(
        app,
        host=host, port=port, loop="none", http="httptools", ws="none", lifespan="off", log_config=None,
        access_log=False, server_header=False, date_header=False, backlog=BACKLOG,
        timeout_graceful_shutdown=SECONDS_TO_FINISH, timeout_keep_alive=SECONDS_TO_KEEP, proxy_headers=False,
    )  # fmt: skip
    server = Server(config, check)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
