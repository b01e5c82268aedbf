"""Hand-written fakes of what ingest talks to."""

import asyncio
from dataclasses import dataclass, field

from argus_runtime.errors import LogUnavailable


@dataclass
class FakeBlocks:
    """A log of blocks that several processes share."""

    end: int = 1
    taken: list[int] = field(default_factory=list)
    away: bool = False

    async def take(self, count: int) -> list[tuple[int, int, int]]:
        await asyncio.sleep(0)
        if self.away:
            raise LogUnavailable("away")
        self.taken.append(count)
        offsets = range(self.end, self.end + count)
        self.end += count
        return [(offset, 0, 0) for offset in offsets]
