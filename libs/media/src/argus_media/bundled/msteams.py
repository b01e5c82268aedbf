"""Microsoft Teams."""

from typing import Annotated

from pydantic import Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import WebAddress


class MsTeamsSettings(MediumSettings):
    """A webhook of a flow that posts cards to a channel or chat."""

    webhook: Annotated[WebAddress, Field(max_length=4000, title="Webhook of Workflows")]


MSTEAMS = MediumKind("msteams", "MS Teams", MsTeamsSettings, "webhook")
PLUGIN = Plugin(MSTEAMS, open="argus_dispatch.media.msteams:open_msteams")
