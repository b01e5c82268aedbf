"""Apprise and the services that it knows."""

from typing import Annotated

from pydantic import AfterValidator, Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import is_web_address
from argus_schemas.base import Text

SCHEMES = ("http", "https", "ftp", "ftps")


def _apprise_address(text: str) -> str:
    if not is_web_address(text, SCHEMES):
        raise ValueError("Enter a valid URL.")
    return text


class AppriseSettings(MediumSettings):
    """An address that Apprise knows."""

    destination_url: Annotated[
        Text, Field(max_length=2000, title="Apprise destination url"), AfterValidator(_apprise_address)
    ]


APPRISE = MediumKind("apprise", "Apprise", AppriseSettings, "destination_url")
PLUGIN = Plugin(APPRISE, open="argus_dispatch.media.apprise:open_apprise")
