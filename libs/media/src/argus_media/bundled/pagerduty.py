"""PagerDuty."""

from typing import Annotated

from pydantic import Field

from argus_media.kinds import SECRET, MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_schemas.base import Text


class PagerDutySettings(MediumSettings):
    """An integration of a service, by the key of the Events API v2."""

    service: Annotated[Text, Field(min_length=1, max_length=200, title="Service", description="A name of your own.")]
    routing_key: Annotated[
        Text,
        Field(pattern="^[A-Za-z0-9]{32}$", title="Integration key", description="Of the Events API v2."),
        SECRET,
    ]


PAGERDUTY = MediumKind("pagerduty", "PagerDuty", PagerDutySettings, "service")
PLUGIN = Plugin(PAGERDUTY, open="argus_dispatch.media.pagerduty:open_pagerduty")
