"""A notification as a mail: headers, text and HTML; pure."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from argus_dispatch.messages import single_line
from argus_media import Message, Undeliverable
from argus_media.values import ADDRESS
from argus_schemas.notification import Notification


def mail(notification: Notification, message: Message, *, sender: str, recipient: str) -> EmailMessage:
    """Return the mail; the same notification gives the same `Message-ID` each time, one incident one thread.

    Raises:
        Undeliverable: the recipient is not an address.
    """
    made = addressed(notification, sender=sender, recipient=recipient)
    made["Subject"] = single_line(message.subject)
    made.set_content(message.text)
    made.add_alternative(message.html, subtype="html")
    return made


def addressed(notification: Notification, *, sender: str, recipient: str) -> EmailMessage:
    """Return a mail with all its headers but the subject.

    Raises:
        Undeliverable: the recipient is not an address.
    """
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    thread = f"<incident.{notification.incident.pk}@{domain}>"
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = _address(recipient)
    made["Date"] = format_datetime(notification.matched_at)
    made["Message-ID"] = f"<{notification.id}@{domain}>"
    made["In-Reply-To"] = thread
    made["References"] = thread
    made["Auto-Submitted"] = "auto-generated"
    made["X-Argus-Incident"] = str(notification.incident.pk)
    if notification.replay:
        made["X-Argus-Replay"] = str(notification.replay)
    return made


def _address(text: str) -> Address:
    try:
        if not ADDRESS.fullmatch(text):
            raise ValueError(text)  # noqa: TRY301  the same answer as to what `Address` does not take
        name, _, domain = text.rpartition("@")
        return Address(username=name, domain=domain.encode("idna").decode())
    except (ValueError, IndexError, MessageError) as error:
        raise Undeliverable(f"{single_line(text)} is not a mail address") from error
