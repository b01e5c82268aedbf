"""Media are opened while dispatch runs; one that cannot be keeps nobody else from being told."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from types import TracebackType

from argus_dispatch.settings import Settings
from argus_media import Letter, Medium, MediumSettings, MediumUnavailable, Plugin
from argus_media.metrics import UNUSABLE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unopened:
    """Stands for a medium that could not be opened: its notifications wait, since the next start may do better."""

    settings: type[MediumSettings]
    reason: str
    at_once: int = 1

    async def send(self, _letter: Letter) -> int | None:
        """Tell nobody."""
        raise MediumUnavailable(self.reason)


async def open_media(stack: AsyncExitStack, plugins: Mapping[str, Plugin], settings: Settings) -> dict[str, Medium]:
    """Open all media, to be closed with `stack`."""
    return {slug: await _opened(stack, slug, plugin, settings) for slug, plugin in plugins.items()}


async def _opened(stack: AsyncExitStack, slug: str, plugin: Plugin, settings: Settings) -> Medium:
    try:
        async with asyncio.timeout(settings.attempt_timeout):
            opening = plugin.opener()(settings)
            medium = await opening.__aenter__()
            stack.push_async_exit(_Closing(slug, opening))
            asyncio.Semaphore(medium.at_once)  # refuses what is no number of attempts
    except (Exception, SystemExit) as error:  # a plugin of somebody else's may fail in any way
        log.exception("medium %s cannot be opened", slug)
        UNUSABLE.labels(slug).inc()
        return Unopened(plugin.kind.settings, f"the medium {slug} could not be opened: {type(error).__name__}")
    return medium


class _Closing:
    """Closes a medium; one that fails at that keeps the others from nothing."""

    def __init__(self, slug: str, opened: AbstractAsyncContextManager[Medium]) -> None:
        self._slug = slug
        self._opened = opened

    async def __aenter__(self) -> None:
        """It is open."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._opened.__aexit__(kind, error, traceback)
        except Exception as failed:
            if failed is not error:
                log.exception("medium %s cannot be closed", self._slug)
