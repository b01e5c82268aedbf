"""A process from start to exit: logs, health, signals, the wiring of its service, and an end within ten seconds."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import uvloop

from argus_runtime import log as logs
from argus_runtime.errors import NeedsOperator
from argus_runtime.health import Health
from argus_runtime.observed import Observed
from argus_runtime.settings import ServiceSettings, load

SECONDS_TO_STOP = 8.0
"""After a signal; what runs longer is cancelled, so that a supervisor that waits 10 s need not kill."""

SECONDS_TO_CANCEL = 1.0

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""A batch of 2,000 records is more objects than Python's usual 700, and none of them is garbage before its end: a
third of what the store did with a report was looking for cycles among them."""

S = TypeVar("S", bound=ServiceSettings)
Run = Callable[[S, asyncio.Event, Health], Awaitable[None]]

log = logging.getLogger(__name__)


def main(run: Run[S], settings: type[S] | S) -> NoReturn:
    """Run a service until SIGTERM or SIGINT, and exit: 0 stopped, 1 failed, 2 with bad settings."""
    chosen = load(settings) if isinstance(settings, type) else settings
    logs.configure(_name(run), chosen.log_level)
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    health = Health()
    try:
        observed = Observed(health, chosen.metrics_host, chosen.metrics_port)
    except OSError as error:
        log.critical("health and metrics cannot use %s:%s: %s", chosen.metrics_host, chosen.metrics_port, error)
        sys.exit(1)
    with observed:
        code = uvloop.run(_guarded(run, chosen, health))
    sys.exit(code)


async def _guarded(run: Run[S], settings: S, health: Health) -> int:
    try:
        await until_signalled(run, settings, health)
    except Exception:
        log.critical("the service failed", exc_info=True)
        return 1
    log.info("stopped")
    return 0


async def until_signalled(run: Run[S], settings: S, health: Health) -> None:
    """Run until a signal sets the stop event, and see that the end comes in time."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    beating = asyncio.ensure_future(health.beat())
    service = asyncio.ensure_future(until_stuck(run, settings, stop, health))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({service, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            log.info("stopping")
        await _end(service)
        service.result()
    finally:
        stopping.cancel()
        beating.cancel()


async def until_stuck(run: Run[S], settings: S, stop: asyncio.Event, health: Health) -> None:
    """Run; a service that needs its operator stays, not ready, out of its group: a restart would not help it."""
    try:
        await run(settings, stop, health)
    except Exception as error:
        stuck = _stuck(error)
        if stuck is None:
            raise
        log.critical("stopped: %s", stuck)
        health.check(stuck.check).failed(f"{stuck}, then start me again")
        await stop.wait()


def _stuck(error: Exception) -> NeedsOperator | None:
    """Return the error that ended a service if it needs its operator."""
    if isinstance(error, ExceptionGroup):
        return next(filter(None, map(_stuck, error.exceptions)), None)
    return error if isinstance(error, NeedsOperator) else None


async def _end(service: "asyncio.Future[None]") -> None:
    await asyncio.wait({service}, timeout=SECONDS_TO_STOP)
    if service.done():
        return
    log.error("not stopped after %s s: cancelling", SECONDS_TO_STOP)
    service.cancel()
    await asyncio.wait({service}, timeout=SECONDS_TO_CANCEL)
    # What ignores even its cancellation would hold the process up; nothing that counts is only in memory.
    logging.shutdown()
    os._exit(1)


def _name(run: Callable[..., object]) -> str:
    """Return the service's word: `store` for a function of `argus_store.app`."""
    return run.__module__.split(".", maxsplit=1)[0].removeprefix("argus_")
