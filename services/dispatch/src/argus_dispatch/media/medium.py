"""What a medium is."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol

from argus_dispatch.settings import Settings
from argus_schemas.media import MediumSettings
from argus_schemas.notification import Notification

GROUP = "argus.media"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a medium gets: whom to tell, and what."""

    notification: Notification
    settings: Any
    """The destination's, an instance of the medium's `settings`; secrets are readable."""
    attempt: int = 1


class Medium(Protocol):
    """A way to reach people, such as email or a webhook."""

    @property
    def settings(self) -> type[MediumSettings]:
        """What a destination of this medium must say."""

    @property
    def at_once(self) -> int:
        """How many attempts it makes at the same time."""

    async def send(self, letter: Letter) -> int | None:
        """Tell one destination, and return the code that the other side answered, where it has such.

        It may be called again with the same letter, even after it succeeded; the notification's id, given to the
        receiver, makes the repeat recognisable. It is cancelled at the timeout of attempts.

        Raises:
            Undeliverable: no retry can help.
            MediumUnavailable: a later attempt may succeed.
        """


OpenMedium = Callable[[Settings], AbstractAsyncContextManager[Medium]]


def find_media() -> dict[str, OpenMedium]:
    """Return the installed media by their slugs."""
    return {point.name: point.load() for point in entry_points(group=GROUP)}


async def open_media(stack: AsyncExitStack, found: Mapping[str, OpenMedium], settings: Settings) -> dict[str, Medium]:
    """Open all media, to be closed with `stack`."""
    return {slug: await stack.enter_async_context(opened(settings)) for slug, opened in found.items()}
