"""Text messages to telephones."""

from typing import Annotated

from pydantic import Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import PhoneNumber


class SmsSettings(MediumSettings):
    """A telephone."""

    phone_number: Annotated[
        PhoneNumber, Field(title="Phone number", description="The phone number needs its country code, as +47.")
    ]


SMS = MediumKind("sms", "SMS", SmsSettings, "phone_number")
PLUGIN = Plugin(SMS, open="argus_dispatch.media.sms:open_sms")
