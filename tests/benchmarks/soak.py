"""Memory of each process over ten minutes of load: it must not grow with what has passed through."""

import asyncio

from tests.benchmarks.footprint import each_of, memory
from tests.benchmarks.ground import Ground, in_own_process, unique
from tests.benchmarks.table import Line

POSTS_A_SECOND = 300
SECONDS_TO_SETTLE = 180.0
"""Until what is kept on purpose (incidents answered lately, states of the matcher) has found its size."""
SECONDS = 600.0


async def soak(ground: Ground, _runs: int) -> list[Line]:
    """Measure what ten minutes of posts add to the memory of each process, once three minutes have passed."""
    pids = ground.pids | {name: member.pid for name, member in ground.stack.members.items()}
    url = f"{ground.stack.members['ingest'].url}/api/v2/incidents/"
    words = ("--token", ground.source.token, "--connections", 32, "--rate", POSTS_A_SECOND, "--name", unique("soak"))
    load = asyncio.create_task(in_own_process("tests.benchmarks.http_load", url, *words, "--seconds", SECONDS))
    await asyncio.sleep(SECONDS_TO_SETTLE)
    before = memory(pids)
    await asyncio.sleep(SECONDS - SECONDS_TO_SETTLE - 5)
    after = memory(pids)
    found = await load
    grown = {name: after[name] - before[name] for name in pids}
    return [
        Line("posts in ten minutes", "", [found["requests"]]),
        *each_of("memory at the end", "MiB", after),
        *each_of("grown in the last seven minutes", "MiB", grown),
    ]
