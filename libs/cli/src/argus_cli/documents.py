"""The documents on the compacted topics, compared with the tables."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from argus_cli.environment import Settings
from argus_database.configuration.comparison import EXPIRING, Comparison
from argus_database.engine import open_database
from argus_runtime.contents import Contents
from argus_runtime.kafka import Kafka
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES

TOPICS = (SOURCES, DESTINATIONS, RULES)


@dataclass(frozen=True, slots=True)
class Differing:
    """A document that is not on its topic as the tables say, or a topic with versions that were never given."""

    topic: str
    key: str
    how: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.key or 'versions'} ({self.how})"

    def facts(self) -> dict[str, Any]:
        """Return what `--json` shows."""
        return asdict(self)


async def compare(where: Settings, *, repair: bool) -> list[Differing]:
    """Return what differs; where it is to be repaired, it is in the outbox afterwards, on its way to the topics."""
    at = datetime.now(UTC) + EXPIRING
    found: list[Differing] = []
    async with open_database(where.database_url, application="argus topics") as sessions, Kafka(where) as kafka:
        for topic in TOPICS:
            contents = Contents(kafka, topic, at)
            comparison = Comparison(sessions, contents, at)
            async for some in comparison.differences():
                found += [Differing(topic.name, one.key, one.how) for one in some]
                if repair:
                    await comparison.publish(some)
            if await comparison.overtaken():
                found.append(Differing(topic.name, "", "above all that were given"))
                if repair:
                    await comparison.publish()
            await contents.close()
    return found
