"""`argus up`: everything on this machine, until Ctrl-C."""

import asyncio
import errno
import os
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argus_local import stack
from argus_local.addresses import GATEWAY, SERVICES, Addresses, Backends, addresses_of
from argus_local.cache import tell
from argus_local.data import DataFolder, write_json
from argus_local.errors import LocalError
from argus_local.gateway import gateway
from argus_local.report import ready_file, servers_file, summary
from argus_local.supervisor import Supervisor
from argus_schemas.routing import is_ingest

ONE_GESTURE_SECONDS = 0.5
"""Signals that come together, as from a terminal and from make, are one."""
FORCED = 130


@dataclass(frozen=True)
class Options:
    """What `argus up` was asked for."""

    port: int = GATEWAY
    data: Path = Path(".argus")
    ready_file: Path | None = None
    demo: bool = True
    without: frozenset[str] = frozenset()
    """Services that are not to run, or run elsewhere."""

    @property
    def services(self) -> tuple[str, ...]:
        """The names of those that run."""
        return tuple(name for name in SERVICES if name not in self.without)


def run(options: Options) -> None:
    """Run the stack until a signal.

    Raises:
        LocalError: something about this machine keeps it from running.
    """
    try:
        asyncio.run(_until_signalled(options))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise LocalError(f"the disk is full: {error.filename or options.data.absolute()}") from error
        raise LocalError(str(error)) from error


async def _until_signalled(options: Options) -> None:
    work = asyncio.create_task(up(options))
    stop = _Stop(work)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, stop)
    try:
        await work
    except asyncio.CancelledError:
        tell("stopped")


class _Stop:
    """Ends the work in order, and by force when asked again."""

    def __init__(self, work: asyncio.Task[None]) -> None:
        self._work = work
        self._asked_at: float | None = None

    def __call__(self) -> None:
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            tell("\nstopping; once more ends it by force")
            self._work.cancel()
        elif time.monotonic() - self._asked_at > ONE_GESTURE_SECONDS:
            os._exit(FORCED)  # the kernel ends our children with us


async def up(options: Options) -> None:
    """Start everything, tell about it, and keep it running until cancelled."""
    started = time.monotonic()
    data = DataFolder(options.data)
    async with AsyncExitStack() as open_parts:
        open_parts.enter_context(data.held())
        data.check()
        addresses = addresses_of(options.port)
        screen = Screen(options, data, addresses)
        supervisor = screen.supervisor
        backends = await open_parts.enter_async_context(stack.servers(data, addresses, supervisor))
        open_parts.callback(screen.servers_down)
        screen.servers_up(backends)
        tell("preparing tables and topics")
        credentials = await stack.install(data, backends.environment(addresses.url), demo=options.demo)
        tell("starting the services")
        await open_parts.enter_async_context(stack.services(options.services, data, addresses, backends, supervisor))
        await open_parts.enter_async_context(gateway(_route(addresses), addresses.gateway))
        await stack.until_all_ready(options.services, addresses, supervisor, demo=options.demo)
        open_parts.callback(screen.down)
        screen.up(backends, credentials, time.monotonic() - started)
        await stack.watch_all(options.services, addresses, screen.supervisor)
        await asyncio.Event().wait()  # with no service at all there is nothing to watch


def _route(addresses: Addresses) -> Any:
    ingest, api = addresses.service_url("ingest"), addresses.service_url("api")

    def route(method: str, path: str) -> str:
        return ingest if is_ingest(method, path) else api

    return route


class Screen:
    """Tells people and programs how the stack is; files say so while it runs."""

    def __init__(self, options: Options, data: DataFolder, addresses: Addresses) -> None:
        self.supervisor = Supervisor(self._changed)
        self._data, self._addresses = data, addresses
        self._files = [data.ready, *([options.ready_file.absolute()] if options.ready_file else [])]
        self._told: tuple[Backends, Mapping[str, Any]] | None
        self.down()
        self.servers_down()

    def servers_up(self, backends: Backends) -> None:
        """Let other commands find the servers, also while services still wait for what these commands do."""
        write_json(self._data.servers, servers_file(self._addresses, backends))

    def servers_down(self) -> None:
        """Let nobody look for servers here."""
        self._data.servers.unlink(missing_ok=True)

    def up(self, backends: Backends, credentials: Mapping[str, Any], seconds: float) -> None:
        """Say that all answers."""
        self._told = backends, credentials
        for file in self._files:
            self._write(file)
        tell(summary(self._data, self._addresses, backends, credentials, seconds))

    def down(self) -> None:
        """Say to programs that nothing is there."""
        self._told = None
        for file in self._files:
            file.unlink(missing_ok=True)

    def _changed(self, line: str) -> None:
        tell(line)
        for file in self._files:
            try:
                self._write(file)
            except OSError as error:  # a full disk, say, must not end the supervision
                tell(f"{file} cannot be written: {error.strerror}")

    def _write(self, file: Path) -> None:
        if self._told is not None:
            write_json(file, ready_file(self._data, self._addresses, *self._told, self.supervisor.pids))
