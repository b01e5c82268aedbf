"""Kafka topics of other people."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from argus_media.kinds import MediumKind, MediumSettings
from argus_media.plugin import Plugin
from argus_schemas.base import Text

BROKER = re.compile(r"\s*(?:\[(?P<ip>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]{1,253})):(?P<port>\d{1,5})\s*")
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
MOST_BROKERS = 20
LARGEST_PORT = 65535


def topic_at(address: str) -> tuple[list[tuple[str, int]], str]:
    """Return the brokers of an address, as hosts and ports, and its topic.

    Raises:
        ValueError: it is not written as `host:port,host:port/topic`.
    """
    where, _, topic = address.rpartition("/")
    found = [BROKER.fullmatch(part) for part in where.split(",")]
    brokers = [(one["ip"] or one["host"], int(one["port"])) for one in found if one]
    fine = len(brokers) == len(found) <= MOST_BROKERS and all(0 < port <= LARGEST_PORT for _, port in brokers)
    if not fine or not TOPIC.fullmatch(topic):
        raise ValueError(f"Enter at most {MOST_BROKERS} brokers and the topic, as host:port,host:port/topic.")
    return brokers, topic


def _address(text: str) -> str:
    topic_at(text)
    return text


class KafkaSettings(MediumSettings):
    """A topic, and where its brokers are; the connection is neither encrypted nor logged in."""

    address: Annotated[
        Text,
        Field(max_length=2000, title="Topic", description="With its brokers: host:port,host:port/topic."),
        AfterValidator(_address),
    ]


KAFKA = MediumKind("kafka", "Kafka", KafkaSettings, "address")
PLUGIN = Plugin(KAFKA, open="argus_dispatch.media.kafka:open_kafka")
