"""Kafka topics of other people."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_schemas.base import Text

BROKER = re.compile(r"\s*(?:\[(?P<ip>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]{1,253})):(?P<port>\d{1,5})\s*")
MOST_BROKERS = 20
LARGEST_PORT = 65535


def brokers_of(text: str) -> list[tuple[str, int]]:
    """Return hosts and ports.

    Raises:
        ValueError: they are not written as `host:port`, separated by commas.
    """
    found = [BROKER.fullmatch(part) for part in text.split(",")]
    brokers = [(one["ip"] or one["host"], int(one["port"])) for one in found if one]
    if len(brokers) < len(found) or len(brokers) > MOST_BROKERS or any(not 0 < at <= LARGEST_PORT for _, at in brokers):
        raise ValueError(f"Enter at most {MOST_BROKERS} brokers as host:port, separated by commas.")
    return brokers


def _brokers(text: str) -> str:
    brokers_of(text)
    return text


class KafkaSettings(MediumSettings):
    """A topic, and where its brokers are; the connection is neither encrypted nor logged in."""

    topic: Annotated[Text, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$", title="Topic")]
    brokers: Annotated[
        Text,
        Field(max_length=2000, title="Brokers", description="As host:port, separated by commas."),
        AfterValidator(_brokers),
    ]


KAFKA = MediumKind("kafka", "Kafka", KafkaSettings, "topic")
PLUGIN = Plugin(KAFKA, open="argus_dispatch.media.kafka:open_kafka")
