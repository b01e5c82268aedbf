import asyncio
from collections.abc import Sequence

import pytest

from argus_runtime.batched import Batched


class FakeStore:
    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.error: Exception | None = None

    async def fetch(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return {key: str(key) for key in keys if key < 100}


async def test_who_asks_while_an_answer_is_on_its_way_is_in_the_next_question():
    store = FakeStore()
    batched = Batched(store.fetch)

    first = asyncio.create_task(batched.get(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(batched.get(key)) for key in (2, 3, 2)]

    assert await asyncio.gather(first, *others) == ["1", "2", "3", "2"]
    assert store.asked == [[1], [2, 3]]


async def test_what_is_not_there_is_none():
    assert await Batched(FakeStore().fetch).get(100) is None


async def test_an_error_reaches_all_who_asked_and_nobody_after():
    store = FakeStore()
    batched = Batched(store.fetch)
    store.error = OSError("gone")

    answers = await asyncio.gather(batched.get(1), batched.get(2), return_exceptions=True)

    assert [type(answer) for answer in answers] == [OSError, OSError]
    store.error = None
    assert await batched.get(1) == "1"


async def test_who_gives_up_takes_nobody_along():
    store = FakeStore()
    batched = Batched(store.fetch)
    one, other = asyncio.create_task(batched.get(1)), asyncio.create_task(batched.get(1))
    await asyncio.sleep(0)

    one.cancel()

    with pytest.raises(asyncio.CancelledError):
        await one
    assert await other == "1"
