"""How a loop bears that something outside is away: it tells, waits, and goes on; the process does not end."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field

from argus_runtime.health import Check

SECONDS_BETWEEN_TRIES = 1.0
MOST_SECONDS_BETWEEN_TRIES = 15.0
"""Where nothing can be read, each try waits twice as long as the one before, up to this."""

log = logging.getLogger(__name__)


@dataclass
class Outages:
    """What cannot be read or handled for now; `check`, if there is one, tells of it until it goes again."""

    check: Check | None
    seconds: float = SECONDS_BETWEEN_TRIES
    """Between two tries, at first."""
    _unread: int = field(default=0, init=False)
    """Tries in a row to read that failed."""
    _unhandled: bool = field(default=False, init=False)
    """Whether a batch failed and was not handled since."""

    async def unread(self, error: Exception, stop: asyncio.Event) -> None:
        """Nothing could be read; return when it is time for another try, or when `stop` is set."""
        self._tell(f"records cannot be read: {error}")
        seconds = min(self.seconds * 2**self._unread, MOST_SECONDS_BETWEEN_TRIES)
        self._unread = min(self._unread + 1, 10)
        await _pause(seconds, stop)

    def read(self) -> None:
        """Records were read, or there were none."""
        self._unread = 0
        self._well()

    def unhandled(self, error: Exception) -> None:
        """A batch could not be handled and is to be tried again."""
        self._unhandled = True
        self._tell(f"a batch is tried again: {error}")

    async def pause(self, stop: asyncio.Event) -> None:
        """Return when it is time for another try, or when `stop` is set."""
        await _pause(self.seconds, stop)

    def handled(self) -> None:
        """A batch was handled, or what failed is not ours any more."""
        self._unhandled = False
        self._well()

    def _well(self) -> None:
        if self.check is not None and not self._unhandled and not self._unread:
            self.check.ok()

    def _tell(self, what: str) -> None:
        if self.check is None:
            log.warning("%s", what)
        else:
            self.check.failed(what)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
