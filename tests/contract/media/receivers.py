"""What receives: a real mail server and a real web server, each told how to behave."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any, Protocol, cast

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from argus_dispatch.settings import Settings
from argus_local.ports import free_port
from argus_media import Letter, Medium
from argus_media.finding import installed
from tests.builders import a_notification

BEHAVIOURS = ("accepts", "fails", "refuses", "hangs", "breaks off")


class Receiver(Protocol):
    """The other side of a medium."""

    behaviour: str
    ids: list[str]
    """Of what arrived, whether it was accepted or not."""

    def settings(self) -> dict[str, Any]:
        """Return what dispatch is configured with."""

    def destination(self) -> dict[str, Any]:
        """Return the settings of a destination there."""


class MailServer:
    """An SMTP server."""

    def __init__(self) -> None:
        self.port = free_port()
        self.behaviour = "accepts"
        self.ids: list[str] = []
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.connections = 0
        self.rcpt_answer = ""
        self.data_answer = ""
        self.mail_answer = ""

    def settings(self) -> dict[str, Any]:
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "mail_from": "Argus <argus@example.org>",
            "sms_gateway_address": "sms@gateway.example.org",
        }

    def destination(self) -> dict[str, Any]:
        return {"email_address": "q@example.net", "phone_number": "+4712345678"}

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.mail_answer or "250 fine"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        if self.rcpt_answer:
            return self.rcpt_answer
        if self.behaviour == "refuses":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(cast("bytes", envelope.content), policy=default)
        self.mails.append(mail)
        self.envelopes.append(envelope)
        self.ids.append(mail["Message-ID"])
        if self.behaviour == "hangs":
            await asyncio.Event().wait()
        if self.behaviour == "breaks off":
            cast("asyncio.Transport", server.transport).abort()
        return self.data_answer or ("451 4.3.0 try later" if self.behaviour == "fails" else "250 kept")


class WebServer:
    """A web server that takes what the media on the web post."""

    def __init__(self, slug: str = "webhook") -> None:
        self.slug = slug
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/hook"
        self.behaviour = "accepts"
        self.ids: list[str] = []
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        self.secret = ""

    def settings(self) -> dict[str, Any]:
        allowed = {"webhook_allow": "127.0.0.0/8,::1/128"}
        return allowed | {"pagerduty_url": self.address, "sms_gateway_url": self.address}

    def destination(self) -> dict[str, Any]:
        return {
            "alertmanager": {"url": self.address},
            "apprise": {"destination_url": self.address.replace("http", "json")},
            "msteams": {"webhook": self.address},
            "pagerduty": {"service": "boxes", "routing_key": "R" * 32},
            "slack": {"destination_url": self.address},
            "sms": {"phone_number": "+4712345678"},
            "webhook": {"url": self.address, "secret": self.secret},
        }[self.slug]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        self.ids.append(str(request.headers.get("webhook-id") or request.headers.get("idempotency-key")))
        if self.answer:
            return await self.answer(request)
        if self.behaviour == "hangs":
            await asyncio.Event().wait()
        if self.behaviour == "breaks off":
            assert request.transport
            request.transport.abort()
        return web.Response(status={"fails": 503, "refuses": 410}.get(self.behaviour, 204))


@asynccontextmanager
async def a_mail_server(
    tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> AsyncIterator[MailServer]:
    """Give a mail server on loopback; with `tls` it offers STARTTLS, with `login` it demands one."""
    made, loop = MailServer(), asyncio.get_running_loop()

    def authenticated(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(handled=False, success=(given.login.decode(), given.password.decode()) == login)

    def protocol() -> SMTP:
        made.connections += 1
        return SMTP(
            made, hostname="localhost", enable_SMTPUTF8=True, loop=loop, tls_context=tls, require_starttls=bool(tls),
            authenticator=authenticated if login else None, auth_required=bool(login), auth_require_tls=bool(tls),
        )  # fmt: skip

    server = await loop.create_server(protocol, "127.0.0.1", made.port)
    try:
        yield made
    finally:
        server.close()


@asynccontextmanager
async def a_web_server(slug: str = "webhook") -> AsyncIterator[WebServer]:
    """Give a web server on loopback."""
    made = WebServer(slug)
    app = web.Application()
    app.router.add_post("/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    try:
        yield made
    finally:
        await runner.cleanup()


WEB = ("alertmanager", "msteams", "pagerduty", "slack", "sms", "webhook")
"""Media that speak HTTP by our own means."""

RECEIVERS: dict[str, Callable[[], Any]] = {
    "email": a_mail_server,
    "sms by mail": a_mail_server,
    "apprise": partial(a_web_server, "apprise"),
    **{slug: partial(a_web_server, slug) for slug in WEB},
}


@asynccontextmanager
async def a_medium(name: str, receiver: Receiver, **changes: Any) -> AsyncIterator[Medium]:
    """Give a medium that is configured for `receiver`."""
    plugin = installed()[name.split(" ", maxsplit=1)[0]]
    async with plugin.opener()(Settings(**(receiver.settings() | changes))) as medium:
        yield medium


def addressed(medium: Medium, receiver: Receiver) -> Any:
    """Return the settings of a destination at `receiver`."""
    given = receiver.destination()
    if "destination_url" in given:  # Slack's and Apprise's are never on loopback
        return medium.settings.model_construct(**given)
    return medium.settings.model_validate(given)


async def send(medium: Medium, receiver: Receiver, **changes: Any) -> int | None:
    """Send one notification, within the time of an attempt."""
    async with asyncio.timeout(1):
        return await medium.send(Letter(a_notification(**changes), addressed(medium, receiver)))
