"""Apprise: its services, each spoken to in a thread that may connect to checked addresses alone."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from apprise import Apprise as Library
from apprise import AppriseAsset, NotifyBase, NotifyFormat, NotifyType

from argus_dispatch.media.guard import Guard
from argus_dispatch.messages import Words, Writer
from argus_dispatch.settings import Settings
from argus_media import Letter, MediumUnavailable, Undeliverable
from argus_media.bundled.apprise import AppriseSettings
from argus_schemas.incident import Incident
from argus_schemas.words import Level

LONGEST_WAIT = 10.0
"""Seconds for a connection, and for an answer; addresses may ask for less."""
FILES = {"template", "attach", "attachment", "keyfile"}
"""Parameters that would have the library read files of this machine, or of another."""
TYPES = {Level.CRITICAL: NotifyType.FAILURE, Level.HIGH: NotifyType.FAILURE, Level.MODERATE: NotifyType.WARNING}


class Apprise:
    """Hands notifications to Apprise, which says only whether they were taken."""

    settings = AppriseSettings

    def __init__(self, threads: ThreadPoolExecutor, settings: Settings) -> None:
        self.at_once = settings.apprise_connections
        self._threads = threads
        self._guard = Guard(settings.webhook_allow)
        self._writer = Writer(settings.base_url, ZoneInfo(settings.time_zone), settings.subject_prefix)

    async def send(self, letter: Letter) -> int | None:
        """Hand over one notification; Apprise tells no codes."""
        words = self._writer.words(letter.notification)
        # A thread cannot be cancelled; what it does ends by its own timeouts.
        await asyncio.get_running_loop().run_in_executor(
            self._threads, self._send, letter.settings.destination_url, words, letter.notification.incident
        )
        return None

    def _send(self, address: str, words: Words, incident: Incident) -> None:
        with self._guard.on() as refused:
            service = service_of(address)
            taken = service.notify(
                title=self._writer.subject_prefix + words.title,
                body=body(words),
                notify_type=kind_of(incident),
                body_format=NotifyFormat.TEXT,
            )
        if refused:
            raise Undeliverable(refused[0])
        if not taken:
            raise MediumUnavailable(f"{service.service_name} did not take it, which is all that Apprise says")


def service_of(address: str) -> NotifyBase:
    """Return the service at an address, with our limits.

    Raises:
        Undeliverable: Apprise knows none there.
    """
    if FILES & {name.lower() for name in parse_qs(urlsplit(address).query, keep_blank_values=True)}:
        raise Undeliverable("an address may name no files: no template and no attachment")
    service = Library.instantiate(address, asset=AppriseAsset(async_mode=False, secure_logging=True))
    if service is None:
        raise Undeliverable("Apprise knows no service at this address")
    service.verify_certificate = True
    service.socket_connect_timeout = min(service.socket_connect_timeout or LONGEST_WAIT, LONGEST_WAIT)
    service.socket_read_timeout = min(service.socket_read_timeout or LONGEST_WAIT, LONGEST_WAIT)
    return service


def body(words: Words) -> str:
    """Return the text; Apprise escapes it as its service asks, and shortens it."""
    facts = "\n".join(f"{name}: {value}" for name, value in words.facts)
    parts = (words.happened, words.description, words.said, facts, words.link, f"{words.why}\n{words.stop}")
    return "\n\n".join(part for part in parts if part)


def kind_of(incident: Incident) -> NotifyType:
    """Return what Apprise calls an incident of this level; services show it by colour or picture."""
    return NotifyType.SUCCESS if incident.ended_at else TYPES.get(incident.level, NotifyType.INFO)


@asynccontextmanager
async def open_apprise(settings: Settings) -> AsyncIterator[Apprise]:
    """Give the medium with its threads, once all services of the library are loaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's affair
        Library.instantiate("json://localhost")
    threads = ThreadPoolExecutor(settings.apprise_connections, thread_name_prefix="apprise")
    try:
        yield Apprise(threads, settings)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
