"""What any plugin is held to, whoever wrote it."""

import asyncio
import logging
from urllib.parse import urlsplit

from argus_tickets.errors import BadAnswer, NoTicketUrl, PluginFault, TicketError, TicketSystemUnavailable
from argus_tickets.plugin import Facts, TicketPlugin

SECONDS = 10.0
LONGEST_URL = 2_000

log = logging.getLogger(__name__)


class Guarded:
    """A plugin that answers in time with a web address, or raises a `TicketError`."""

    def __init__(self, plugin: TicketPlugin, name: str, seconds: float = SECONDS) -> None:
        self._plugin = plugin
        self._name = name
        self._seconds = seconds

    async def create_ticket(self, facts: Facts) -> str:
        """Open a ticket and return its address."""
        try:
            async with asyncio.timeout(self._seconds):
                url = await self._plugin.create_ticket(facts)
        except TimeoutError as error:
            raise TicketSystemUnavailable(f"The ticket system did not answer in {self._seconds:g} s.") from error
        except TicketError:
            raise
        except Exception as error:  # a plugin of somebody else's may fail in any way
            # without the traceback: what the plugin was given, secrets included, could be in it
            log.error("ticket plugin %s failed: %s", self._name, type(error).__name__)  # noqa: TRY400
            raise PluginFault(f'The ticket plugin "{self._name}" failed: {type(error).__name__}.') from None
        return checked(url)


def checked(url: object) -> str:
    """Return the address of a ticket, if it is one that a person can safely follow."""
    if not url:
        raise NoTicketUrl
    if not isinstance(url, str) or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise BadAnswer("The ticket system answered with what is no address of a ticket.")
    try:
        parts = urlsplit(url)
        followed = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        followed = False
    if not followed:
        raise BadAnswer("The ticket system answered with an address that is none of the web.")
    return url
