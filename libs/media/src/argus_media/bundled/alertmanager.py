"""Alertmanager of Prometheus."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from argus_media.kinds import SECRET, MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_media.values import WebAddress
from argus_schemas.base import Text

LABEL = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*([^,]*?)\s*")


def labels_of(text: str) -> dict[str, str]:
    """Return labels written as `team=noc, page=yes`.

    Raises:
        ValueError: they are written otherwise.
    """
    found = [LABEL.fullmatch(part) for part in text.split(",") if part.strip()]
    if None in found:
        raise ValueError("Enter labels as name=value, separated by commas.")
    return {label[1]: label[2] for label in found if label}


def _labels(text: str) -> str:
    labels_of(text)
    return text


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("Enter a token without spaces.")
    return text


class AlertmanagerSettings(MediumSettings):
    """An Alertmanager."""

    url: Annotated[
        WebAddress, Field(max_length=2000, title="URL", description="Its address, such as https://alerts.example.org.")
    ]
    labels: Annotated[
        Text,
        Field(max_length=2000, title="Labels", description="Further labels of our alerts: team=noc, page=yes."),
        AfterValidator(_labels),
    ] = ""
    token: Annotated[
        Text,
        Field(max_length=2000, title="Bearer token", description="Empty: none."),
        SECRET,
        AfterValidator(_token),
    ] = ""


ALERTMANAGER = MediumKind("alertmanager", "Alertmanager", AlertmanagerSettings, "url")
PLUGIN = Plugin(ALERTMANAGER, open="argus_dispatch.media.alertmanager:open_alertmanager")
