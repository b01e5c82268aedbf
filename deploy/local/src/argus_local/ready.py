"""Waiting until something answers."""

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout

from argus_local.errors import StartFailed
from argus_local.server import Server
from argus_local.supervisor import Child

T = TypeVar("T")

INDEX_VERSION = re.compile(r"^argus_matcher_index_version (\S+)$", re.MULTILINE)
PAUSE_SECONDS = 0.1
MOST_RESTARTS = 3


async def until_ready(child: Child, ready: Callable[[], Awaitable[bool]], within: float) -> None:
    """Return once `ready` says so.

    Raises:
        StartFailed: the program ends again and again, or takes too long.
    """
    deadline = time.monotonic() + within
    name, log = child.program.name, child.program.log
    while not await ready():
        check_starts(child)
        if time.monotonic() > deadline:
            raise StartFailed(f"{name} was not ready within {within:.0f} s, see {log}")
        await asyncio.sleep(PAUSE_SECONDS)


def check_starts(child: Child, restarts: int = 0) -> None:
    """Refuse to wait for a program that has ended again and again since it had been restarted so often."""
    if child.restarts - restarts > MOST_RESTARTS:
        said = child.program.complaint()
        raise StartFailed(f"{child.program.name} does not start, see {child.program.log}: {said}")


def answers(server: Server) -> Callable[[], Awaitable[bool]]:
    """Return a question for an embedded server."""

    async def ready() -> bool:
        return await aside(server.ready)

    return ready


def knows_rules(session: ClientSession, metrics: str) -> Callable[[], Awaitable[bool]]:
    """Return a question for a matcher: whether it has heard of any profile."""

    async def ready() -> bool:
        try:
            async with session.get(metrics, timeout=ClientTimeout(total=5)) as answer:
                versions = INDEX_VERSION.findall(await answer.text())
        except (ClientError, TimeoutError, OSError):
            return False
        return any(float(version) > 0 for version in versions)

    return ready


async def aside(work: Callable[[], T]) -> T:
    """Do blocking work in a thread that keeps nobody from leaving."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(error: BaseException | None, result: T | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        error, result = None, None
        try:
            result = work()
        except BaseException as raised:  # it belongs to who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, error, result)

    threading.Thread(target=run, daemon=True).start()
    return await done
