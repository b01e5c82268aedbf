"""Tickets that a plugin opens: one at a time for an incident, and none twice because it could not be written down."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from argus_http.errors import RETRY_AFTER, ApiError
from argus_ingest.metrics import TICKETS
from argus_tickets import Facts, TicketError, TicketPlugin

log = logging.getLogger(__name__)


class _Turn(asyncio.Lock):
    """Whose turn it is to open a ticket for one incident, and why there was none."""

    failures = 0
    fault = TicketError()
    """The last failure."""


class Ticketing:
    """Opens tickets; `load` gives the plugin at its first use."""

    def __init__(self, load: Callable[[], TicketPlugin], base_url: str = "") -> None:
        self._load = load
        self.base_url = base_url
        """The public address of this installation; empty: that of the request."""
        self._plugin: TicketPlugin | None = None
        self._turns: WeakValueDictionary[int, _Turn] = WeakValueDictionary()
        self._unwritten: dict[int, str] = {}

    @asynccontextmanager
    async def turn(self, pk: int) -> AsyncIterator[None]:
        """Wait until nobody else in this process opens a ticket for the incident.

        Raises:
            ApiError: who was waited for got none; to ask again at once, each for ten seconds, would help nobody.
        """
        turn = self._turns.setdefault(pk, _Turn())
        failures = turn.failures
        async with turn:
            if turn.failures > failures:
                raise _refusal(turn.fault)
            yield

    async def open(self, pk: int, facts: Callable[[], Awaitable[Facts]]) -> str:
        """Return the address of a new ticket for the incident, or of one opened before that is not written down.

        Raises:
            ApiError: why there is none, as a text.
        """
        if pk in self._unwritten:
            return self._unwritten[pk]
        try:
            if self._plugin is None:
                self._plugin = self._load()
            url = await self._plugin.create_ticket(await facts())
        except TicketError as error:
            TICKETS.labels(str(error.status)).inc()
            log.warning("no ticket for incident %d: %s", pk, error)
            if turn := self._turns.get(pk):
                turn.fault, turn.failures = error, turn.failures + 1
            raise _refusal(error) from None
        TICKETS.labels("opened").inc()
        log.info("opened ticket %s for incident %d", url, pk)
        self._unwritten[pk] = url
        return url

    def written(self, pk: int) -> None:
        """Take note that the incident has its ticket."""
        self._unwritten.pop(pk, None)


def _refusal(error: TicketError) -> ApiError:
    return ApiError(error.status, str(error), {"Retry-After": RETRY_AFTER} if error.status == 503 else {})
