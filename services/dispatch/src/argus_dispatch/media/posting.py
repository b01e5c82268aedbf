"""A medium that posts one JSON document for each notification."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from argus_dispatch.media.web import JSON, Web, encoded, open_web
from argus_dispatch.messages import Words, Writer
from argus_dispatch.settings import Settings
from argus_media import Letter, MediumSettings


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    address: str
    payload: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Render = Callable[[Letter, Words], Post]


class Posting:
    """Posts what `render` makes; the notification's id goes along as `Idempotency-Key`."""

    def __init__(self, web: Web, settings: Settings, of: type[MediumSettings], render: Render) -> None:
        self.settings = of
        self.at_once = settings.webhook_connections
        self.web = web
        self._render = render
        self._writer = Writer(settings.base_url, ZoneInfo(settings.time_zone))

    async def send(self, letter: Letter) -> int | None:
        """Post one notification and return the status of the answer."""
        notification = letter.notification
        post = self._render(letter, self._writer.words(notification))
        headers = {**JSON, "idempotency-key": str(notification.id), **post.headers}
        return await self.web.post(post.address, encoded(post.payload), headers)


@asynccontextmanager
async def open_posting(settings: Settings, of: type[MediumSettings], render: Render) -> AsyncIterator[Posting]:
    """Give the medium with its pool of connections."""
    async with open_web(settings.webhook_allow) as web:
        yield Posting(web, settings, of, render)


def fitting(render: Callable[[Words], Any], words: Words, most: int) -> Any:
    """Return a payload of at most `most` bytes as JSON: its texts are shortened until it fits."""
    longest = most
    while len(encoded(payload := render(words.shortened(longest)))) > most and longest > 1:
        longest //= 2
    return payload
