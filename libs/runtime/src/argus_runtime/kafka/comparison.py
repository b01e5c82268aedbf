"""A topic as the broker has it beside the one of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argus_schemas.topics import Topic

AT_LEAST = ("retention.ms", "retention.bytes", "max.message.bytes")
"""Settings that an operator may raise."""

CHECKED = ("cleanup.policy", "message.timestamp.type", *AT_LEAST)


@dataclass(frozen=True)
class Described:
    """A topic as the broker has it."""

    name: str
    partitions: int
    configuration: Mapping[str, str]


def compared(name: str, topic: Topic[Any], found: Described | None) -> list[str]:
    """Return what is otherwise, a line each."""
    if found is None:
        return [f"{name} is missing"]
    lines = []
    if found.partitions != topic.partitions:
        lines.append(f"{name} has {found.partitions} partitions, the catalogue {topic.partitions}")
    for setting, wanted in topic.configuration().items():
        has = found.configuration.get(setting)
        if setting in CHECKED and not _agree(setting, wanted, has):
            lines.append(f"{name} has {setting}={has}, the catalogue {wanted}")
    return lines


def _agree(setting: str, wanted: str, has: str | None) -> bool:
    if has is None or setting not in AT_LEAST:
        return wanted == has
    unlimited = has == "-1"
    return unlimited or (wanted != "-1" and int(has) >= int(wanted))
