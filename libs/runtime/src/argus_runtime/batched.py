"""Many askers, one question at a time: who asks while an answer is on its way is in the next question."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_AT_ONCE = 500


class Batched(Generic[K, V]):
    """Looks up single keys by asking for many at once; a lone one is asked for at once."""

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[dict[K, V]]]) -> None:
        self._fetch = fetch
        self._asked: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """Return what is known of `key`; errors of the question are raised to all who asked it."""
        answer = self._asked.get(key)
        if answer is None:
            answer = self._asked[key] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        while self._asked:
            keys = list(self._asked)[:MOST_AT_ONCE]
            answers = [self._asked.pop(key) for key in keys]
            try:
                found = await self._fetch(keys)
            except Exception as error:
                for answer in answers:
                    answer.set_exception(error)
                    answer.exception()
            else:
                for key, answer in zip(keys, answers, strict=True):
                    answer.set_result(found.get(key))
