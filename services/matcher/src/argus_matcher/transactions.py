"""Transactions as lanes need them, each over in bounded time."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Headers, Partition
from argus_schemas.codec import Written
from argus_schemas.topics import Topic

CLOSING_SECONDS = 5.0


class Transactions(Protocol):
    """What a lane asks of its transactional producer (`argus_runtime.kafka.TransactionalProducer`)."""

    async def start(self) -> None:
        """Fence every earlier owner of the transactional id."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Commit at the end of the block, or abort where it fails."""

    async def send(
        self, topic: Topic[Any], key: bytes | None, value: Written | bytes | None, *,
        headers: Headers = (), partition: int | None = None,
    ) -> None:  # fmt: skip
        """Add a record to the transaction."""

    def send_offsets(self, positions: Mapping[Partition, int], group: str, texts: Mapping[Partition, str]) -> None:
        """Move the group's positions with the transaction, each with the text beside it."""

    async def close(self) -> None:
        """Abort what is not committed, and disconnect."""


async def within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Do `work`, but stand still no longer than that, even where it does not heed its cancellation."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
        if not task.done():
            await asyncio.wait({task}, timeout=CLOSING_SECONDS)
    if not task.done() or task.cancelled():
        raise LogUnavailable(f"a transaction has not ended after {seconds:.0f} s")
    task.result()
