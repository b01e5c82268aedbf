"""What the store announces with each commit: how far it is, and which records did just what they say.

Whoever waits for a record that did need not ask what became of it. An announcement is a hint: who misses one asks.
"""

from dataclasses import dataclass
from typing import Self

CHANNEL = "argus_positions"
MOST_OTHERS = 200
"""Offsets named one by one; where there are more, nothing is said of any record."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """The store is about to handle `next_offset` of a partition."""

    topic: str
    """The broker's full name."""
    partition: int
    next_offset: int
    since: int | None = None
    """Where it stood before; None: nothing is said of the records between."""
    others: frozenset[int] = frozenset()
    """The offsets of those that did not do what they say: refused, repeated, merged, unreadable."""

    @property
    def text(self) -> str:
        """What is announced."""
        place = f"{self.topic}:{self.partition}:{self.next_offset}"
        if self.since is None or len(self.others) > MOST_OTHERS:
            return place
        return f"{place}:{self.since}:{','.join(map(str, sorted(self.others)))}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what is announced in `text`.

        Raises:
            ValueError: nothing; whoever may connect may announce anything.
        """
        topic, partition, next_offset, *more = text.split(":")
        if not more:
            return cls(topic, int(partition), int(next_offset))
        since, others = more
        return cls(
            topic, int(partition), int(next_offset), int(since), frozenset(map(int, filter(None, others.split(","))))
        )

    def did(self, offset: int) -> bool:
        """Tell whether the record at `offset` did what it says: made the event that it names."""
        return self.since is not None and self.since <= offset < self.next_offset and offset not in self.others
