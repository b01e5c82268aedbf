"""SMS, through a gateway that takes mails (as in Argus) or one that takes web requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from argus_dispatch.media.connections import Connections
from argus_dispatch.media.email import hand_over
from argus_dispatch.media.mail import addressed
from argus_dispatch.media.web import JSON, Web, encoded, open_web
from argus_dispatch.messages import Words, Writer, lines, shortened
from argus_dispatch.settings import Settings
from argus_media import Letter, MediumUnavailable
from argus_media.bundled.sms import SmsSettings
from argus_schemas.notification import Notification

LONGEST = 459
"""Characters: three short messages in one."""
ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""The gateway is the operator's choice."""
FORM = {"content-type": "application/x-www-form-urlencoded"}


def sms_mail(notification: Notification, words: Words, *, sender: str, gateway: str, number: str) -> EmailMessage:
    """Return the mail for the gateway: the subject names the number, the text is the event's description.

    Where the event has none, it is what happened to which incident, since an empty SMS helps nobody.
    """
    made = addressed(notification, sender=sender, recipient=gateway)
    made["Subject"] = f"sms {number}"
    made.set_content(shortened(lines(notification.event.description) or words.title, LONGEST))
    return made


def sms_text(words: Words) -> str:
    """Return the text for a gateway on the web; the link stays whole."""
    text = f"{words.happened} {words.headline}"
    return f"{shortened(text, max(LONGEST - len(words.link) - 1, 0))} {words.link}"


def filled(template: Any, number: str, text: str) -> Any:
    """Return fields with number and text in their places."""
    if isinstance(template, dict):
        return {name: filled(value, number, text) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, number, text) for value in template]
    if isinstance(template, str):
        before, place, after = template.partition("{text}")
        return before.replace("{number}", number) + (text if place else "") + after.replace("{number}", number)
    return template


class Sms:
    """Sends text messages through whichever gateway there is."""

    settings = SmsSettings

    def __init__(self, connections: Connections, web: Web, settings: Settings) -> None:
        self.at_once = settings.smtp_connections
        self.web = web
        self._connections = connections
        self._settings = settings
        self._writer = Writer(settings.base_url, ZoneInfo(settings.time_zone))

    async def send(self, letter: Letter) -> int | None:
        """Hand one text message to the gateway."""
        number, words = letter.settings.phone_number, self._writer.words(letter.notification)
        if self._settings.sms_gateway_url:
            return await self._post(letter.notification, number, sms_text(words))
        if not self._settings.sms_gateway_address:
            raise MediumUnavailable("there is no gateway for SMS: neither its mail address nor its web address is set")
        mail = sms_mail(
            letter.notification,
            words,
            sender=self._settings.mail_from,
            gateway=self._settings.sms_gateway_address,
            number=number,
        )
        return await hand_over(self._connections, mail)

    async def _post(self, notification: Notification, number: str, text: str) -> int:
        settings = self._settings
        fields = filled(settings.sms_gateway_fields, number, text)
        body = urlencode(fields).encode() if settings.sms_gateway_form else encoded(fields)
        headers = (FORM if settings.sms_gateway_form else JSON) | {"idempotency-key": str(notification.id)}
        if token := settings.sms_gateway_token.get_secret_value():
            headers["authorization"] = f"Bearer {token}"
        return await self.web.post(settings.sms_gateway_url, body, headers)


@asynccontextmanager
async def open_sms(settings: Settings) -> AsyncIterator[Sms]:
    """Give the medium with its connections to either gateway."""
    async with Connections(settings) as connections, open_web(ANYWHERE) as web:
        yield Sms(connections, web, settings)
