"""Address rules for libraries that connect by themselves: the interpreter asks us before each connection.

Python tells audit hooks of each `connect` and `sendto` of its `socket` module, with the numeric address that it will
use; a hook that raises prevents it. So the address that is connected to is the one that is checked, whatever the
library resolved or was redirected to. Files are asked for likewise: only those of the interpreter and its packages are
opened. This holds in threads in which a guard is on, and not for uvloop's connections.
"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from argus_dispatch.media.addresses import ForbiddenAddress, is_allowed, is_numeric
from argus_dispatch.settings import Network

EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
FORBIDDEN = {
    "_thread.start_new_thread", "_thread.start_joinable_thread", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.fork", "socket.bind",
}  # fmt: skip
"""What no service on the net needs, and what a guard could not follow (of threads, Python asks from 3.12 on)."""


OURS = tuple({os.path.join(os.path.realpath(path), "") for path in (sys.prefix, sys.base_prefix)})  # noqa: PTH118


class ForbiddenFile(OSError):
    """A file that has nothing to do with what is sent."""


class _Guarded(threading.local):
    allowed: Sequence[Network] | None = None
    refused: list[str] | None = None


_guarded = _Guarded()


class Guard:
    """Lets what runs in this thread connect to public addresses and those that are allowed, and to nothing else."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        _listen()

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        """Give the list of what was refused."""
        refused: list[str] = []
        _guarded.allowed, _guarded.refused = self._allowed, refused
        try:
            yield refused
        finally:
            _guarded.allowed = _guarded.refused = None


@cache
def _listen() -> None:
    sys.addaudithook(_asked)  # it stays for as long as the process; elsewhere it costs a look at a set


def _asked(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in EVENTS and event not in FORBIDDEN and event != "open":
        return
    allowed = _guarded.allowed
    if allowed is None:
        return
    if event == "open":
        if not _is_ours(arguments[0]):
            raise ForbiddenFile(f"{arguments[0]} is not for services")
        return
    if event in EVENTS:
        address = arguments[1] if len(arguments) > 1 else None
        if address is None or (isinstance(address, tuple) and _may_be_reached(str(address[0]), allowed)):
            return  # without an address it goes to the one that was connected to
        why = f"{address[0] if isinstance(address, tuple) else 'a local socket'} is not a public address"
    else:
        why = f"{event} is not for services"
    if _guarded.refused is not None:
        _guarded.refused.append(why)
    raise ForbiddenAddress(why)


def _is_ours(path: Any) -> bool:
    """Tell whether a file belongs to the interpreter or its packages; what is open already is a number."""
    return isinstance(path, int) or os.path.realpath(os.fsdecode(path)).startswith(OURS)


def _may_be_reached(host: str, allowed: Sequence[Network]) -> bool:
    return is_numeric(host.partition("%")[0]) and is_allowed(host, allowed)
