"""Three matchers at one log: what they have in hand, and how far they have come."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from argus_local.server import Running
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Admin
from argus_runtime.kafka.admin import Refused
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.faults.standstills import Done, Phase
from tests.integration.matcher.world import World
from tests.stack import Member

NAMES = ("first", "second", "third")
OPEN_LANES = "{} open"
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 240.0


class Crew:
    """The matchers of a world; each harm is noted with its moment."""

    def __init__(self, world: World, broker: Running, admin: Admin) -> None:
        self.world = world
        self.broker = broker
        self.harms: list[Done] = []
        self.phases: list[Phase] = []
        self._admin = admin

    @property
    def members(self) -> list[Member]:
        return [self.world.matchers.members[name] for name in NAMES]

    def start(self) -> None:
        """Start all."""
        self.phases.append(Phase(_now_ms()))
        for name in NAMES:
            self.world.start(name)

    async def stop(self) -> None:
        """Stop all, until they are started again."""
        self.phases[-1].until_ms = _now_ms()
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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
