"""What all media over HTTP share: addresses that are checked, answers that are judged."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from yarl import URL

from argus_dispatch.media.addresses import CheckedResolver, ForbiddenAddress, is_allowed, is_numeric
from argus_dispatch.retry import retry_after
from argus_dispatch.settings import Network
from argus_media import MediumUnavailable, Undeliverable

MOST_READ = 20_000
SECONDS_TO_READ = 5.0
LONGEST_EXCERPT = 300
MAY_PASS = {408, 425, 429}
"""Refusals of a request that may be accepted later."""

JSON = {"content-type": "application/json"}
OWN_HEADERS = {"user-agent": "Argus-Stream", "accept-encoding": "identity"}


class Web:
    """Posts to web addresses that may be reached: redirects are not followed, and of answers 20 kB are read."""

    seconds_to_read = SECONDS_TO_READ

    def __init__(self, session: ClientSession, allowed: tuple[Network, ...], now: Callable[[], datetime]) -> None:
        self._session = session
        self._allowed = allowed
        self.now = now

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post `body` and return the status of the answer, which says that it was taken.

        Raises:
            Undeliverable: the address may not be reached, or the other side refused this request for good.
            MediumUnavailable: there was no answer, or one that may be another later.
        """
        url = self._checked(address)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return await self._judge(response)
        except ClientConnectorError as error:
            if isinstance(error.os_error, ForbiddenAddress):
                raise Undeliverable(str(error.os_error)) from error
            raise MediumUnavailable(f"no connection: {error.os_error}") from error
        except InvalidURL as error:
            raise Undeliverable("this is not a web address") from error
        except (ClientError, OSError) as error:
            raise MediumUnavailable(f"no answer: {type(error).__name__}") from error

    def _checked(self, text: str) -> URL:
        """Return an address to connect to; names are checked when they are resolved."""
        try:
            url = URL(text)
        except ValueError as error:
            raise Undeliverable(f"this is not a web address: {error}") from error
        if is_numeric(url.host) and not is_allowed(url.host or "", self._allowed):
            raise Undeliverable(f"{url.host} is not a public address")
        return url

    async def _judge(self, response: ClientResponse) -> int:
        """Return the status if it says that the notification was taken."""
        excerpt = await _beginning(response, self.seconds_to_read)
        if response.ok and response.status < 300:
            return response.status
        reason = f"the answer was {response.status} {response.reason or ''}".rstrip()
        reason = f"{reason}: {excerpt[:LONGEST_EXCERPT]}" if excerpt else reason
        if 400 <= response.status < 500 and response.status not in MAY_PASS:
            raise Undeliverable(reason, response.status)
        wait = retry_after(response.headers.get("Retry-After"), self.now)
        raise MediumUnavailable(reason, response.status, retry_after=wait)


def encoded(payload: Any) -> bytes:
    """Return JSON as short as it goes."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


@asynccontextmanager
async def open_web(
    allowed: tuple[Network, ...], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[Web]:
    """Give a pool of connections to public addresses and those that are allowed."""
    connector = TCPConnector(resolver=CheckedResolver(allowed), limit=0)
    async with ClientSession(
        connector=connector, headers=OWN_HEADERS, cookie_jar=DummyCookieJar(), auto_decompress=False
    ) as session:
        yield Web(session, allowed, now)


async def _beginning(response: ClientResponse, seconds: float) -> str:
    """Return the first 20 kB of an answer; a body that breaks off or drips changes nothing about the status."""
    read = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while len(read) < MOST_READ and (part := await response.content.read(MOST_READ - len(read))):
                read += part
    except (TimeoutError, ClientError, OSError):
        response.close()
    if not response.content.at_eof():
        response.close()  # the rest is not ours to read
    text = read.decode(errors="replace").replace("\x00", "\ufffd")
    return " ".join(text.split())
