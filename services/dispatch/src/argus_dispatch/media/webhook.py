"""Webhooks: POST requests as Standard Webhooks describes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook as Signature

from argus_dispatch.media.web import JSON, Web, encoded, open_web
from argus_dispatch.representation import notification_view
from argus_dispatch.settings import Settings
from argus_media import Letter
from argus_media.bundled.webhook import WebhookSettings


class Webhook:
    """Posts notifications to web addresses."""

    settings = WebhookSettings

    def __init__(self, web: Web, settings: Settings) -> None:
        self.at_once = settings.webhook_connections
        self.web = web
        self._zone = ZoneInfo(settings.time_zone)

    async def send(self, letter: Letter) -> int | None:
        """Post one notification and return the status of the answer."""
        body = encoded(notification_view(letter.notification, self._zone))
        return await self.web.post(letter.settings.url, body, self._headers(letter, body))

    def _headers(self, letter: Letter, body: bytes) -> dict[str, str]:
        now, name = self.web.now(), str(letter.notification.id)
        headers = JSON | {"webhook-id": name, "webhook-timestamp": str(int(now.timestamp()))}
        if letter.settings.secret:
            headers["webhook-signature"] = Signature(letter.settings.secret).sign(name, now, body.decode())
        if letter.notification.replay:
            headers["argus-replay"] = str(letter.notification.replay)
        return headers


@asynccontextmanager
async def open_webhook(settings: Settings) -> AsyncIterator[Webhook]:
    """Give the medium with its pool of connections."""
    async with open_web(settings.webhook_allow) as web:
        yield Webhook(web, settings)
