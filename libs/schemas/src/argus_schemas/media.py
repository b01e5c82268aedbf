"""The media that come with Argus Stream, and what the settings of their destinations must say."""

import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from argus_schemas.base import Schema, Text

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,4})")
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
SLACK_ADDRESSES = ("https://hooks.slack.com/", "slack://")
_NO_SLACK_ADDRESS: Final = "Not a valid Slack destination URL. It must start with https://hooks.slack.com/ or slack://."
_BETWEEN_DIGITS = re.compile(r"[ ().-]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]")
SECRET_PREFIX = "whsec_"  # noqa: S105  Standard Webhooks marks its secrets so
SECRET = Field(json_schema_extra={"writeOnly": True})
"""Marks a setting that is encrypted wherever it is kept, and never shown again."""
HIDDEN = "********"
"""Stands for a secret that is set: where it is shown, and where a change leaves it as it is."""


def one_spelling(address: str) -> str:
    """Return a mail address with its domain in lowercase, where case means nothing (RFC 5321, 2.4)."""
    mailbox, at, domain = address.rpartition("@")
    return mailbox + at + domain.lower()


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("Enter a valid email address.")
    return one_spelling(text)


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or _SPACE.search(text):
        raise ValueError("Enter a valid URL.")
    return text


def _signing_secret(text: str) -> str:
    bare = text.removeprefix(SECRET_PREFIX).rstrip("=")
    if text and not BASE64.fullmatch(bare):
        raise ValueError("Enter a secret in base64.")
    return text


def _phone_number(text: str) -> str:
    """Return the number as E.164 has it: without what only parts its digits."""
    number = _BETWEEN_DIGITS.sub("", text)
    if not PHONE_NUMBER.fullmatch(number):
        raise ValueError("Enter a valid phone number (e.g. +12125552368).")
    return number


def _slack_address(text: str) -> str:
    if not text.startswith(SLACK_ADDRESSES) or _SPACE.search(text):
        starts = " or ".join(SLACK_ADDRESSES)
        # Argus gives no code with this one.
        raise PydanticCustomError(
            "", "Not a valid Slack destination URL. It must start with {starts}.", {"starts": starts}
        )
    return text


def _apprise_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https", "ftp", "ftps"} or not parts.hostname or _SPACE.search(text):
        raise ValueError("Enter a valid URL.")
    return text


class MediumSettings(Schema):
    """What a medium must know to reach one destination."""


class EmailSettings(MediumSettings):
    """A mailbox."""

    email_address: Annotated[Text, Field(max_length=320, title="Email address"), AfterValidator(_address)]


class WebhookSettings(MediumSettings):
    """A web address that takes POST requests, and the secret that signs them."""

    url: Annotated[Text, Field(max_length=8000, title="URL"), AfterValidator(_web_address)]
    secret: Annotated[
        Text,
        Field(max_length=500, title="Secret", description="Base64, as Standard Webhooks says; empty: not signed."),
        SECRET,
        AfterValidator(_signing_secret),
    ] = ""


class SmsSettings(MediumSettings):
    """A telephone."""

    phone_number: Annotated[
        Text,
        Field(max_length=40, title="Phone number", description="The phone number needs its country code, as +47."),
        AfterValidator(_phone_number),
    ]


class SlackSettings(MediumSettings):
    """A webhook of Slack."""

    destination_url: Annotated[Text, Field(max_length=2000, title="Slack Webhook"), AfterValidator(_slack_address)]


class AppriseSettings(MediumSettings):
    """An address that Apprise knows."""

    destination_url: Annotated[
        Text, Field(max_length=2000, title="Apprise destination url"), AfterValidator(_apprise_address)
    ]


@dataclass(frozen=True, slots=True)
class MediumKind:
    """A medium, as those who configure destinations see it."""

    slug: str
    name: str
    settings: type[MediumSettings]
    key: str
    """The setting that tells its destinations apart."""


EMAIL = MediumKind("email", "Email", EmailSettings, "email_address")
WEBHOOK = MediumKind("webhook", "Webhook", WebhookSettings, "url")
SMS = MediumKind("sms", "SMS", SmsSettings, "phone_number")
SLACK = MediumKind("slack", "Slack", SlackSettings, "destination_url")
APPRISE = MediumKind("apprise", "Apprise", AppriseSettings, "destination_url")

MEDIA: dict[str, MediumKind] = {kind.slug: kind for kind in (EMAIL, WEBHOOK)}
"""Those that something here sends with; the others are what destinations of them would say."""


def secret_settings(settings: type[MediumSettings]) -> frozenset[str]:
    """Return the names of the settings that are secret."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("writeOnly")
    )
