"""Names on the broker: everything of ours begins with the prefix."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from argus_schemas.topics import Topic


@dataclass(frozen=True)
class Names:
    """Adds and takes away the prefix."""

    prefix: str

    def of(self, topic: Topic[Any] | str) -> str:
        """Return the broker's name of a topic, or of a group or transactional id."""
        return _joined(self.prefix, topic if isinstance(topic, str) else topic.name)

    def without_prefix(self, name: str) -> str:
        """Return the name as the catalogue has it."""
        return name.removeprefix(self.prefix)


def owner_id(group: str, topic: Topic[Any], partition: int) -> str:
    """Return the transactional id of whoever works on a partition for a group: it fences the owner before it."""
    return f"{group}-{topic.name}-{partition}"


@lru_cache(maxsize=10_000)
def _joined(prefix: str, name: str) -> str:
    return prefix + name
