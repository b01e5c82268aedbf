"""How often a process crashed on a record: a durable mark beside the committed position.

Before records are handled, their partition's position is committed once more with a mark: how many handlings have begun
there, and up to which offset. When they are handled, the next commit has none. So a mark that a new owner finds means
that somebody began and never finished. From then on it handles the marked stretch one record at a time, each with a
mark of its own, until the one that crashes the process stands alone; what was present at three crashes is given up.
A process that lost its partition in the middle of a batch counts as crashed, since its successor cannot tell.
"""

from dataclasses import dataclass

MOST_CRASHES = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """Handlings that began at a position and did not end."""

    crashes: int
    until: int
    """Where the stretch ends that was being handled at the first of them."""

    def __str__(self) -> str:
        return f"{self.crashes}:{self.until}" if self.crashes else ""

    def at(self, offset: int, first: int) -> int:
        """Return at how many crashes the record at `offset` was present; the marked position is `first`."""
        if offset >= self.until:
            return 0
        return self.crashes if offset == first else 1


NONE = Mark(0, 0)


def parse(text: str) -> Mark:
    """Return the mark that was committed; anything else was not ours and means none."""
    crashes, _, until = text.partition(":")
    return Mark(int(crashes), int(until)) if crashes.isdecimal() and until.isdecimal() else NONE
