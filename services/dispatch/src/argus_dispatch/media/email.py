"""Email over SMTP: one mail per destination, connections used again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from argus_dispatch.media.connections import Connections
from argus_dispatch.media.mail import mail
from argus_dispatch.messages import Writer
from argus_dispatch.settings import Settings
from argus_media import AttemptFailed, Letter, MediumUnavailable, Undeliverable
from argus_media.bundled.email import EmailSettings

SMTP_OK = 250


class Email:
    """Mails notifications."""

    settings = EmailSettings

    def __init__(self, connections: Connections, settings: Settings) -> None:
        self.at_once = settings.smtp_connections
        self._connections = connections
        self._sender = settings.mail_from
        self._writer = Writer(settings.base_url, ZoneInfo(settings.time_zone), settings.subject_prefix)

    async def send(self, letter: Letter) -> int | None:
        """Hand one mail to the mail server."""
        message = self._writer.write(letter.notification)
        letter_mail = mail(letter.notification, message, sender=self._sender, recipient=letter.settings.email_address)
        return await hand_over(self._connections, letter_mail)


async def hand_over(connections: Connections, ready: EmailMessage) -> int:
    """Hand one mail to the mail server, and return the code of its answer.

    Raises:
        Undeliverable: it refused this recipient or this mail for good.
        MediumUnavailable: a later attempt may succeed.
    """
    try:
        async with connections.one() as connection:
            await connection.send_message(ready)
    except (SMTPException, OSError) as error:
        raise failure(error) from error
    return SMTP_OK


def failure(error: Exception) -> AttemptFailed:
    """Return what an error of the mail server means for the mail.

    Only refusals of this recipient or of this mail are final. A server that does not let us in, or does not take our
    sender, can be told to.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return failure(error.recipients[0]) if error.recipients else MediumUnavailable("the recipient was refused")
    if isinstance(error, SMTPNotSupported):
        return Undeliverable(str(error))
    if isinstance(error, SMTPResponseException):
        reason = f"the mail server answered {error.code} {error.message}"
        if isinstance(error, SMTPRecipientRefused | SMTPDataError) and 500 <= error.code < 600:
            return Undeliverable(reason, error.code)
        return MediumUnavailable(reason, error.code)
    return MediumUnavailable(f"no mail server: {error or type(error).__name__}")


@asynccontextmanager
async def open_email(settings: Settings) -> AsyncIterator[Email]:
    """Give the medium with its connections to the mail server."""
    async with Connections(settings) as connections:
        yield Email(connections, settings)
