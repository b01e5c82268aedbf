"""What is done to matchers and their broker while they work."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tests.eventually import eventually
from tests.faults.crew import LOOK_SECONDS, NAMES, PATIENCE_SECONDS, Crew
from tests.stack import Member

log = logging.getLogger(__name__)

Harm = Callable[[Crew, Member], Awaitable[None]]


async def terminate(_crew: Crew, matcher: Member) -> None:
    """Ask a matcher to end, and return when it was started again."""
    await _restarted(matcher, signal.SIGTERM)


async def kill(_crew: Crew, matcher: Member) -> None:
    """End a matcher at once, and return when it was started again."""
    await _restarted(matcher, signal.SIGKILL)


async def _restarted(matcher: Member, signum: int) -> None:
    ended = matcher.pid
    matcher.signal(signum)
    await eventually(lambda: matcher.child.pid not in {None, ended}, within=PATIENCE_SECONDS)


async def put_to_sleep(crew: Crew, matcher: Member) -> None:
    """Pause a matcher until the others have its partitions; when it wakes up it goes on in the middle of its work."""
    others = [each for each in crew.members if each is not matcher]
    matcher.pause()
    try:
        await eventually(partial(crew.have_all, others), within=PATIENCE_SECONDS, pause=LOOK_SECONDS)
    finally:
        matcher.resume()


async def kill_broker(crew: Crew, _matcher: Member) -> None:
    """Kill Kafka, and return when it answers again."""
    crew.broker.kill()
    await asyncio.to_thread(crew.broker.start)


async def harmed(crew: Crew, harms: Sequence[Harm], *, after: int, of: int) -> None:
    """Do harms, spread over the next `of` records after the first `after`.

    Every other one comes when all are at work again; the one after it while they still recover from that.
    """
    for number, harm in enumerate(harms):
        matcher = crew.members[number % len(NAMES)]
        if settled := number % 2 == 0:
            await crew.settled()
            await crew.matched(after + of * (number + 1) / (len(harms) + 2))
        await eventually(partial(_runs, matcher), within=PATIENCE_SECONDS)
        matched = await crew.note(harm.__name__, settled=settled)
        log.info("%s of %s after %s records", harm.__name__, matcher.name, matched)
        await harm(crew, matcher)


def _runs(matcher: Member) -> bool:
    return matcher.child.pid is not None
