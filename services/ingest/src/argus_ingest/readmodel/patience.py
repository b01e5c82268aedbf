"""How long an answer of PostgreSQL is waited for."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


class Patience:
    """Waits for answers, each for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._abandoned: set[asyncio.Future[Any]] = set()

    async def answer(self, question: Awaitable[T]) -> T:
        """Return the answer of `question`, or raise what it raises.

        Raises:
            TimeoutError: there was none in time.
        """
        asked = asyncio.ensure_future(question)
        try:
            await asyncio.wait({asked}, timeout=self._seconds)
            if not asked.done():
                raise TimeoutError("PostgreSQL does not answer")
            return asked.result()
        finally:
            if not asked.done():
                self._abandon(asked)

    def _abandon(self, asked: "asyncio.Future[Any]") -> None:
        """Give up an answer; the driver tries for seconds to cancel its statement, for which nobody waits."""
        self._abandoned.add(asked)
        asked.add_done_callback(self._abandoned.discard)
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())
        asked.cancel()
