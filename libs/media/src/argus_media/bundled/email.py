"""Email."""

from typing import Annotated

from pydantic import Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import MailAddress


class EmailSettings(MediumSettings):
    """A mailbox."""

    email_address: Annotated[MailAddress, Field(title="Email address")]


EMAIL = MediumKind("email", "Email", EmailSettings, "email_address")
PLUGIN = Plugin(EMAIL, open="argus_dispatch.media.email:open_email")
