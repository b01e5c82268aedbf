"""Webhooks: POST requests as Standard Webhooks describes them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    InvalidURL,
    TCPConnector,
)
from standardwebhooks import Webhook as Signature
from yarl import URL

from argus_dispatch.errors import MediumUnavailable, Undeliverable
from argus_dispatch.media.addresses import CheckedResolver, ForbiddenAddress, is_allowed
from argus_dispatch.media.medium import Letter
from argus_dispatch.representation import event_view, incident_view, moment_view
from argus_dispatch.retry import retry_after
from argus_dispatch.settings import Settings
from argus_schemas.media import WebhookSettings
from argus_schemas.notification import Notification

MOST_READ = 20_000
SECONDS_TO_READ = 5.0
LONGEST_EXCERPT = 300
MAY_PASS = {408, 425, 429}
"""Refusals of a request that may be accepted later."""


class Webhook:
    """Posts notifications to web addresses."""

    settings = WebhookSettings
    seconds_to_read = SECONDS_TO_READ

    def __init__(self, session: ClientSession, settings: Settings, now: Callable[[], datetime]) -> None:
        self.at_once = settings.webhook_connections
        self._session = session
        self._allowed = settings.webhook_allow
        self._zone = ZoneInfo(settings.time_zone)
        self._now = now

    async def send(self, letter: Letter) -> int | None:
        """Post one notification and return the status of the answer."""
        url = self._checked(letter.settings.url)
        body = json.dumps(self.body(letter.notification), ensure_ascii=False, separators=(",", ":"))
        headers = self._headers(letter, body)
        try:
            async with self._session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as response:
                return await self._judge(response)
        except ClientConnectorError as error:
            if isinstance(error.os_error, ForbiddenAddress):
                raise Undeliverable(str(error.os_error)) from error
            raise MediumUnavailable(f"no connection: {error.os_error}") from error
        except InvalidURL as error:
            raise Undeliverable("this is not a web address") from error
        except (ClientError, OSError) as error:
            raise MediumUnavailable(f"no answer: {type(error).__name__}") from error

    def body(self, notification: Notification) -> dict[str, Any]:
        """Return what is posted: the event's type and moment, and incident and event as API v2 shows them."""
        event = notification.event
        return {
            "type": f"incident.{event.type.name.lower()}",
            "timestamp": moment_view(event.occurred_at, self._zone),
            "data": {
                "incident": incident_view(notification.incident, event.occurred_at, self._zone),
                "event": event_view(event, self._zone),
                "purpose": notification.purpose,
                **({"note": notification.note} if notification.note else {}),
                "reasons": [{"profile": reason.profile, "name": reason.name} for reason in notification.reasons],
            },
        }

    def _checked(self, text: str) -> URL:
        """Return an address to connect to; names are checked when they are resolved."""
        try:
            url = URL(text)
        except ValueError as error:
            raise Undeliverable(f"this is not a web address: {error}") from error
        if _is_numeric(url.host) and not is_allowed(url.host or "", self._allowed):
            raise Undeliverable(f"{url.host} is not a public address")
        return url

    def _headers(self, letter: Letter, body: str) -> dict[str, str]:
        now, name = self._now(), str(letter.notification.id)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if letter.settings.secret:
            headers["webhook-signature"] = Signature(letter.settings.secret).sign(name, now, body)
        if letter.notification.replay:
            headers["argus-replay"] = str(letter.notification.replay)
        return headers

    async def _judge(self, response: ClientResponse) -> int:
        """Return the status if it says that the notification was taken."""
        excerpt = await _beginning(response, self.seconds_to_read)
        if response.ok and response.status < 300:
            return response.status
        reason = f"the answer was {response.status} {response.reason or ''}".rstrip()
        reason = f"{reason}: {excerpt[:LONGEST_EXCERPT]}" if excerpt else reason
        if 400 <= response.status < 500 and response.status not in MAY_PASS:
            raise Undeliverable(reason, response.status)
        wait = retry_after(response.headers.get("Retry-After"), self._now)
        raise MediumUnavailable(reason, response.status, retry_after=wait)


def _is_numeric(host: str | None) -> bool:
    try:
        return bool(ip_address(host or ""))
    except ValueError:
        return False


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


@asynccontextmanager
async def open_webhook(settings: Settings) -> AsyncIterator[Webhook]:
    """Give the medium with its pool of connections."""
    connector = TCPConnector(resolver=CheckedResolver(settings.webhook_allow), limit=0)
    headers = {"user-agent": "Argus-Stream", "accept-encoding": "identity"}
    async with ClientSession(
        connector=connector, headers=headers, cookie_jar=DummyCookieJar(), auto_decompress=False
    ) as session:
        yield Webhook(session, settings, lambda: datetime.now(UTC))
