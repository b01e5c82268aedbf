"""What dispatch opens and calls."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from argus_media.kinds import MediumSettings
from argus_schemas.notification import Notification


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered notification."""

    subject: str
    text: str
    html: str


def bare(notification: Notification) -> Message:
    """Return the incident's description alone; what stands in for dispatch's words in tests of a medium."""
    return Message(notification.incident.description, notification.incident.description, "")


@dataclass(frozen=True, slots=True)
class Letter:
    """What a medium gets: whom to tell, and what."""

    notification: Notification
    settings: Any
    """The destination's, an instance of the medium's `settings`; secrets are readable."""
    attempt: int = 1
    write: Callable[[Notification], Message] = bare

    def message(self) -> Message:
        """Return the notification in words, as this installation says it: for media that send text."""
        return self.write(self.notification)


class Medium(Protocol):
    """A way to reach people, such as email or a webhook."""

    @property
    def settings(self) -> type[MediumSettings]:
        """What a destination of this medium must say: the settings of its kind."""

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


class Installation(Protocol):
    """What a medium is told about where it runs; settings of its own it reads from the environment."""

    @property
    def base_url(self) -> str:
        """The public address of this installation, for links."""

    @property
    def time_zone(self) -> str:
        """The IANA time zone in which moments are written."""

    @property
    def attempt_timeout(self) -> float:
        """Seconds after which an attempt is cancelled."""


OpenMedium = Callable[[Installation], AbstractAsyncContextManager[Medium]]
"""Opens a medium while dispatch runs: what it holds, such as connections, is released at the end."""
