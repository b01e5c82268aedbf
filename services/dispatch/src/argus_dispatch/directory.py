"""Whom to tell: the destinations, as they are now."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import ValidationError

from argus_media import MediumSettings, Undeliverable, secret_settings
from argus_runtime.secrets import Secrets, is_secret
from argus_schemas.configuration import Destination, document_key
from argus_schemas.notification import Notification


class Documents(Protocol):
    """What a directory needs of the broadcast of `destinations`."""

    @property
    def documents(self) -> Mapping[str, Destination]:
        """All that are known."""

    async def up_to_end(self) -> None:
        """Return when all is known that was published before the call."""


class Directory:
    """The destinations, with their secrets readable."""

    def __init__(self, broadcast: Documents, secrets: Secrets) -> None:
        self._broadcast = broadcast
        self._secrets = secrets
        self._one_look = asyncio.Lock()
        self._looked_at = float("-inf")

    async def find(self, pk: int, read_at: float) -> Destination | None:
        """Return the destination of a notification that was read at that moment of this process's clock.

        None only after a look at everything that was published before that, since the destination was there when the
        notification was written.

        Raises:
            LogUnavailable: it is not known, and Kafka cannot be asked.
        """
        found = self.known(pk)
        if found is None:
            await self._look(read_at)
        return self.known(pk)

    def known(self, pk: int) -> Destination | None:
        """Return a destination as it is now."""
        return self._broadcast.documents.get(document_key("destination", pk))

    async def _look(self, read_at: float) -> None:
        """Take in all that was published before `read_at`; one look serves all that was read before it."""
        async with self._one_look:
            if self._looked_at <= read_at:
                started_at = time.monotonic()
                await self._broadcast.up_to_end()
                self._looked_at = started_at

    def settings(self, destination: Destination, model: type[MediumSettings]) -> MediumSettings:
        """Return the settings of a destination, readable.

        Raises:
            Undeliverable: they are not what the medium needs.
            SecretUnreadable: one is encrypted with a key that we do not have.
        """
        readable: dict[str, Any] = dict(destination.settings)
        for name in secret_settings(model) & readable.keys():
            if is_secret(readable[name]):
                readable[name] = self._secrets.decrypt(readable[name], f"destination:{destination.pk}:{name}")
        try:
            return model.model_validate(readable)
        except ValidationError as error:
            wrong = ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise Undeliverable(f"the settings of the destination are not usable: {wrong}") from None


def why_suppressed(
    notification: Notification, destination: Destination | None, attempts: int, now: datetime, too_old_after: timedelta
) -> str | None:
    """Return why nobody is to be told, if so. A replay is deliberate, and what was attempted is gone on with."""
    if destination is None:
        return "the destination was deleted"
    if not destination.owner_active:
        return "the owner is not active"
    what, since = _grows_old(notification)
    if attempts == 0 and notification.replay == 0 and now - since > too_old_after:
        return f"{what} more than {too_old_after} ago"
    return None


def _grows_old(notification: Notification) -> tuple[str, datetime]:
    """Return what makes a notification old, and since when: its event, or that something of an older one was due."""
    if notification.ordinary:
        return "the event was received", notification.event.received_at
    return "it was due", notification.matched_at
