"""The HTTP server, ended by an event instead of a signal."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Iterator

import uvicorn
from litestar.types import ASGIApp

from argus_http.connections import Connection
from argus_runtime.health import Check

SECONDS_TO_FINISH = 6
"""For requests under way when we are told to stop."""

SECONDS_TO_KEEP = 75
"""For idle connections: longer than any proxy before us keeps them, or it would post into a closing one."""

BACKLOG = 2048

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that leaves signals to the lifecycle, says when it listens, and ends connections that are too slow."""

    def __init__(self, config: uvicorn.Config, check: Check | None) -> None:
        super().__init__(config)
        self._check = check

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        if self.started and self._check is not None:
            self._check.ok()

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections once a second; uvicorn calls this ten times as often."""
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.end_if_slow(now)
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(
    app: ASGIApp, host: str, port: int, stop: asyncio.Event, *,
    check: Check | None = None, trusted: str = "", connection: type[Connection] = Connection,
) -> None:  # fmt: skip
    """Answer requests until `stop` is set, then finish those under way; the check is told when we listen.

    What the `trusted` proxies say of the caller's address and scheme is believed.

    Raises:
        OSError: the port is taken.
    """
    config = uvicorn.Config(
        app, loop="none", http=connection, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, backlog=BACKLOG, timeout_graceful_shutdown=SECONDS_TO_FINISH,
        timeout_keep_alive=SECONDS_TO_KEEP, proxy_headers=bool(trusted), forwarded_allow_ips=trusted,
    )  # fmt: skip
    server = Server(config, check)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listening:
        log.info("answering on http://%s:%s", *listening.getsockname()[:2])
        serving = asyncio.create_task(server.serve([listening]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving
