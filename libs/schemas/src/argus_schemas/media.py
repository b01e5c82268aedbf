"""The media that come with Argus Stream, and what the settings of their destinations must say."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from argus_schemas.base import Schema, Text

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,4})")
SECRET_PREFIX = "whsec_"  # noqa: S105  Standard Webhooks marks its secrets so
SECRET = Field(json_schema_extra={"writeOnly": True})
"""Marks a setting that is encrypted wherever it is kept, and never shown again."""
HIDDEN = "********"
"""Stands for a secret that is set: where it is shown, and where a change leaves it as it is."""


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text):
        raise ValueError("Enter a valid email address.")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError("Enter a valid URL.")
    return text


def _signing_secret(text: str) -> str:
    bare = text.removeprefix(SECRET_PREFIX).rstrip("=")
    if text and not BASE64.fullmatch(bare):
        raise ValueError("Enter a secret in base64.")
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
MEDIA: dict[str, MediumKind] = {kind.slug: kind for kind in (EMAIL, WEBHOOK)}


def secret_settings(settings: type[MediumSettings]) -> frozenset[str]:
    """Return the names of the settings that are secret."""
    return frozenset(
        name
        for name, field in settings.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("writeOnly")
    )
