"""How Faust's consumer waits while it hands over records, by a service that does nothing else."""

import asyncio
import gc

import pytest
from mode.utils.locks import Event

from argus_matcher.transport import Swift


async def at_once() -> str:
    return "over"


async def later(event: asyncio.Event) -> str:
    await event.wait()
    return "later"


async def test_what_is_over_at_once_is_not_waited_for_and_leaves_nothing_behind():
    results = await Swift().wait_first(at_once(), later(asyncio.Event()))
    gc.collect()

    assert (results.results, results.stopped) == (["over"], False)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_is_not_over_at_once_is_waited_for():
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)

    assert (await Swift().wait_first(later(event), later(asyncio.Event()))).results == ["later"]


async def test_a_flow_that_stands_still_is_waited_for_as_ever():
    flow = Event()
    asyncio.get_running_loop().call_soon(flow.set)

    assert not (await asyncio.wait_for(Swift().wait(flow), 5)).stopped


@pytest.mark.parametrize("turns", [1, 5])
async def test_who_is_broken_off_breaks_off_what_was_waited_for(turns):
    waiting = asyncio.ensure_future(Swift().wait_first(later(asyncio.Event()), later(asyncio.Event())))
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == {asyncio.current_task()}
