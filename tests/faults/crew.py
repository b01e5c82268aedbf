"""Three matchers at one log, what is done to them, and how long their partitions stand still meanwhile."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from argus_local.server import Running
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Admin
from argus_runtime.kafka.admin import Refused
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.integration.matcher.world import World
from tests.stack import Member

NAMES = ("first", "second", "third")
OPEN_LANES = "{} open"
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 120.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """A harm that was done."""

    name: str
    at_ms: int
    matched: int
    """Records that had been matched by then."""
    settled: bool
    """Whether all were at work."""


class Crew:
    """The matchers of a world; each harm is noted with its moment."""

    def __init__(self, world: World, broker: Running, admin: Admin) -> None:
        self.world = world
        self.broker = broker
        self.harms: list[Done] = []
        self.stops: list[int] = []
        """When they were stopped for a while (ms)."""
        self._admin = admin

    @property
    def members(self) -> list[Member]:
        return [self.world.matchers.members[name] for name in NAMES]

    def start(self) -> None:
        """Start all."""
        for name in NAMES:
            self.world.start(name)

    async def stop(self) -> None:
        """Stop all, until they are started again."""
        self.stops.append(_now_ms())
        await self.world.matchers.stop(*NAMES)

    async def note(self, harm: str, *, settled: bool) -> int:
        """Note that harm is about to be done, and return how many records were matched before."""
        matched = await self.count_matched()
        self.harms.append(Done(harm, _now_ms(), matched, settled))
        return matched

    async def settled(self) -> None:
        """Return when nobody but these is in the group, and each partition is in the hands of one of them."""
        await eventually(self._is_settled, within=PATIENCE_SECONDS, pause=LOOK_SECONDS)

    async def _is_settled(self) -> bool:
        try:
            members = await self._admin.members("matcher")
        except (LogUnavailable, Refused):  # a broker that has just started does not know its groups yet
            return False
        return members == len(NAMES) and await self.have_all(self.members)

    async def have_all(self, members: Sequence[Member]) -> bool:
        """Tell whether these work, and have all partitions between them."""
        reports = await asyncio.gather(*(member.report() for member in members))
        return all(each.get("ready") for each in reports) and sum(map(_lanes, reports)) == INCIDENT_EVENTS.partitions

    async def matched(self, count: float) -> None:
        """Return when the group's positions say that so many records were matched."""

        async def so_many() -> bool:
            return await self.count_matched() >= count

        await eventually(so_many, within=PATIENCE_SECONDS, pause=LOOK_SECONDS)

    async def count_matched(self) -> int:
        """Return how many records were matched; 0 while the broker is away."""
        try:
            return sum((await self._admin.positions("matcher")).values())
        except LogUnavailable:
            return 0


def _lanes(report: Mapping[str, object]) -> int:
    checks = report.get("checks")
    said = checks["lanes"]["detail"] if isinstance(checks, dict) and "lanes" in checks else ""
    return next((count for count in range(INCIDENT_EVENTS.partitions + 1) if said == OPEN_LANES.format(count)), 0)


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


def standstills(crew: Crew, moments: Iterable[Sequence[int]]) -> list[tuple[str, list[int]]]:
    """Return for each time that all was well what was done then, and for how long each partition stood still, in ms.

    `moments` are those at which each partition's states were appended; the longest silence comes first. A harm that was
    done while the matchers still recovered counts with the one before it.
    """
    partitions = [
        [(begin, end) for begin, end in pairwise(each) if not any(begin < stop < end for stop in crew.stops)]
        for each in moments
    ]
    begun = [number for number, harm in enumerate(crew.harms) if harm.settled]
    found = []
    for first, following in zip(begun, [*begun[1:], len(crew.harms)], strict=True):
        since, harms = crew.harms[first].at_ms, crew.harms[first:following]
        until = crew.harms[following].at_ms if following < len(crew.harms) else sys.maxsize
        silences = [max((b - a for a, b in gaps if a < until and b > since), default=0) for gaps in partitions]
        found.append((" and ".join(harm.name for harm in harms), sorted(silences, reverse=True)))
    return found


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
