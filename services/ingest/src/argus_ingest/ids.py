"""Ids that people see, taken in blocks from the log: PostgreSQL is not needed, gaps are harmless (design section 3)."""

import asyncio
from collections import deque
from typing import Protocol

from argus_runtime.errors import LogUnavailable
from argus_schemas.ids import BLOCK_SIZE, block_of

MOST_BLOCKS_AT_ONCE = 32
SECONDS_OF_STOCK = 1.0
"""A stock that was used up faster than this is made larger next time."""


class Blocks(Protocol):
    """Takes blocks from the log."""

    async def take(self, count: int) -> list[tuple[int, int, int]]:
        """Append `count` blocks and return the arguments of `block_of` for each.

        Raises:
            LogUnavailable: nobody knows which ids are ours.
        """


class Ids:
    """A stock of ids, filled up ahead of need, more at once the faster they go."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._stock: deque[range] = deque()
        self._left = 0
        self._at_once = 1
        self._filled_at = 0.0
        self._filling: asyncio.Task[None] | None = None

    async def take(self, count: int) -> list[int]:
        """Return `count` ids that nobody else has.

        Raises:
            LogUnavailable: the stock is used up and Kafka gives no more.
        """
        while self._left < count:
            await asyncio.shield(self._fill())
        taken = self._pop(count)
        if self._left < self._at_once * BLOCK_SIZE // 2:
            self._fill()
        return taken

    def _pop(self, count: int) -> list[int]:
        self._left -= count
        taken: list[int] = []
        while len(taken) < count:
            block = self._stock[0]
            wanted = count - len(taken)
            taken.extend(block[:wanted])
            if len(block) > wanted:
                self._stock[0] = block[wanted:]
            else:
                self._stock.popleft()
        return taken

    def _fill(self) -> asyncio.Task[None]:
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._refill())
            self._filling.add_done_callback(_seen)
        return self._filling

    async def _refill(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._filled_at:
            hurried = now - self._filled_at < SECONDS_OF_STOCK
            self._at_once = min(self._at_once * 2, MOST_BLOCKS_AT_ONCE) if hurried else max(1, self._at_once // 2)
        for offset, base_offset, above in await self._blocks.take(self._at_once):
            block = block_of(offset, base_offset, above)
            self._stock.append(block)
            self._left += len(block)
        self._filled_at = now

    async def close(self) -> None:
        """Stop filling up."""
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.wait({self._filling})


def _seen(task: asyncio.Task[None]) -> None:
    """Take note of an error that nobody may be waiting for; whoever waits gets it too."""
    if not task.cancelled() and not isinstance(task.exception(), LogUnavailable | None):
        task.get_loop().call_exception_handler({"message": "ids could not be taken", "exception": task.exception()})
