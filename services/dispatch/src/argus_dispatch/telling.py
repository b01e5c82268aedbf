"""Reaching a destination by its medium: its settings, in the medium's room, within the time."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from types import MappingProxyType

from argus_dispatch.directory import Directory
from argus_dispatch.journal import Attempt
from argus_dispatch.metrics import ATTEMPT_SECONDS, IN_FLIGHT, SECRETS_UNREADABLE
from argus_media import AttemptFailed, Letter, Medium, MediumSettings, MediumUnavailable, Message, Undeliverable
from argus_media.interface import bare
from argus_runtime.errors import SecretUnreadable
from argus_runtime.log import at
from argus_schemas.configuration import Destination
from argus_schemas.notification import Notification

log = logging.getLogger(__name__)

NO_FAULTS: Mapping[str, str] = MappingProxyType({})


class Teller:
    """The installed media; whatever goes wrong in one of them is the failure of one attempt."""

    def __init__(
        self,
        directory: Directory,
        media: Mapping[str, Medium],
        timeout: float,
        *,
        write: Callable[[Notification], Message] = bare,
        faults: Mapping[str, str] = NO_FAULTS,
    ) -> None:
        self._directory = directory
        self._media = media
        self._write = write
        self._faults = faults
        self._rooms = {slug: asyncio.Semaphore(medium.at_once) for slug, medium in media.items()}
        self._timeout = timeout

    def room(self, slug: str) -> AbstractAsyncContextManager[None]:
        """Give room for one more attempt of a medium."""
        return self._rooms.get(slug) or nullcontext()

    async def tell(self, attempt: Attempt, destination: Destination) -> int | None:
        """Tell a destination, and return the code that the other side answered, where it has such.

        Raises:
            Undeliverable: no retry can help.
            MediumUnavailable: a later attempt may succeed.
        """
        try:
            return await self._send(attempt, destination)
        except AttemptFailed:
            raise
        except TimeoutError as error:
            raise MediumUnavailable(f"no answer within {self._timeout:g} s") from error
        except Exception as error:  # a fault of one medium, perhaps somebody else's, must not stop the others
            log.exception("medium %s failed", attempt.medium, extra=at(attempt.place))
            raise MediumUnavailable(f"unexpected error: {type(error).__name__}") from error

    async def _send(self, attempt: Attempt, destination: Destination) -> int | None:
        medium, settings = self._means(destination)
        started = time.monotonic()
        try:
            with IN_FLIGHT.labels(attempt.medium).track_inprogress():
                async with asyncio.timeout(self._timeout):
                    return await medium.send(Letter(attempt.notification, settings, attempt.number, self._write))
        finally:
            ATTEMPT_SECONDS.labels(attempt.medium).observe(time.monotonic() - started)

    def _means(self, destination: Destination) -> tuple[Medium, MediumSettings]:
        """Return how to reach a destination."""
        medium = self._media.get(destination.medium)
        if medium is None:
            fault = self._faults.get(destination.medium)
            why = f"cannot be used: {fault}" if fault else "is not installed"
            raise Undeliverable(f"the medium {destination.medium} {why}")
        try:
            return medium, self._directory.settings(destination, medium.settings)
        except SecretUnreadable as error:
            SECRETS_UNREADABLE.inc()
            log.error("a secret of destination %s cannot be read: %s", destination.pk, error)  # noqa: TRY400
            raise MediumUnavailable("a secret setting of the destination cannot be decrypted") from error
