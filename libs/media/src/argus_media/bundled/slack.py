"""Slack."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import SPACE
from argus_schemas.base import Text

ADDRESSES = ("https://hooks.slack.com/", "slack://")


def _slack_address(text: str) -> str:
    if not text.startswith(ADDRESSES) or SPACE.search(text):
        starts = " or ".join(ADDRESSES)
        # Argus gives no code with this one.
        raise PydanticCustomError(
            "", "Not a valid Slack destination URL. It must start with {starts}.", {"starts": starts}
        )
    return text


class SlackSettings(MediumSettings):
    """A webhook of Slack."""

    destination_url: Annotated[Text, Field(max_length=2000, title="Slack Webhook"), AfterValidator(_slack_address)]


SLACK = MediumKind("slack", "Slack", SlackSettings, "destination_url")
PLUGIN = Plugin(SLACK, open="argus_dispatch.media.slack:open_slack")
