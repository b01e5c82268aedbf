"""The HTTP server, ended by an event instead of a signal."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn
from litestar.types import ASGIApp

SECONDS_TO_FINISH = 6
"""For requests under way when we are told to stop."""

BACKLOG = 2048

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that leaves signals to the lifecycle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event, *, trusted: str = "") -> None:
    """Answer requests until `stop` is set, then finish those under way.

    What the `trusted` proxies say of the caller's address and scheme is believed.

    Raises:
        OSError: the port is taken.
    """
    config = uvicorn.Config(
        app, loop="none", http="httptools", ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, backlog=BACKLOG, timeout_graceful_shutdown=SECONDS_TO_FINISH,
        proxy_headers=bool(trusted), forwarded_allow_ips=trusted,
    )  # fmt: skip
    server = Server(config)
    with socket.create_server((host, port), backlog=BACKLOG) as listening:
        log.info("answering on http://%s:%s", *listening.getsockname()[:2])
        serving = asyncio.create_task(server.serve([listening]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving
