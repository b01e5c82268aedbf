"""How long partitions stand still while something is done to those who work on them."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Done:
    """A harm that was done."""

    name: str
    at_ms: int
    matched: int
    """Records that had been matched by then."""
    settled: bool
    """Whether all were at work."""


@dataclass
class Phase:
    """A time in which the matchers worked."""

    since_ms: int
    until_ms: int = sys.maxsize

    def silences(self, moments: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield between which moments nothing was left behind."""
        return pairwise(each for each in moments if self.since_ms < each < self.until_ms)


def standstills(
    harms: Sequence[Done], phases: Sequence[Phase], moments: Iterable[Sequence[int]]
) -> list[tuple[str, list[int]]]:
    """Return for each time that all was well what was done then, and for how long each partition stood still, in ms.

    `moments` are those at which each partition's states were appended; the longest silence comes first. A harm that was
    done while the matchers still recovered counts with the one before it, and a silence where it ends.
    """
    partitions = [[silence for phase in phases for silence in phase.silences(each)] for each in moments]
    begun = [number for number, harm in enumerate(harms) if harm.settled]
    found = []
    for first, following in zip(begun, [*begun[1:], len(harms)], strict=True):
        since, together = harms[first].at_ms, harms[first:following]
        until = harms[following].at_ms if following < len(harms) else sys.maxsize
        silences = [max((end - begin for begin, end in gaps if since < end <= until), default=0) for gaps in partitions]
        found.append((" and ".join(harm.name for harm in together), sorted(silences, reverse=True)))
    return found
