"""Webhooks."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from argus_media.kinds import SECRET, MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import WebAddress
from argus_schemas.base import Text

BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,4})")
SECRET_PREFIX = "whsec_"  # noqa: S105  Standard Webhooks marks its secrets so


def _signing_secret(text: str) -> str:
    bare = text.removeprefix(SECRET_PREFIX).rstrip("=")
    if text and not BASE64.fullmatch(bare):
        raise ValueError("Enter a secret in base64.")
    return text


class WebhookSettings(MediumSettings):
    """A web address that takes POST requests, and the secret that signs them."""

    url: Annotated[WebAddress, Field(max_length=8000, title="URL")]
    secret: Annotated[
        Text,
        Field(max_length=500, title="Secret", description="Base64, as Standard Webhooks says; empty: not signed."),
        SECRET,
        AfterValidator(_signing_secret),
    ] = ""


WEBHOOK = MediumKind("webhook", "Webhook", WebhookSettings, "url")
PLUGIN = Plugin(WEBHOOK, open="argus_dispatch.media.webhook:open_webhook")
