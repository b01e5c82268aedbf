"""Closed incidents leave the matcher's memory after a while; open ones never do."""

import asyncio
from datetime import UTC, datetime, timedelta

from argus_domain.states import is_open
from argus_matcher.effects import Decided
from argus_matcher.lane import Lane
from argus_matcher.lanes import Lanes
from argus_schemas.topics import INCIDENT_STATES

SECONDS_BETWEEN_SWEEPS = 3600.0
STATES_AT_ONCE = 100
"""Reading so many states holds up events for a few milliseconds."""


async def forget_closed(lanes: Lanes, kept_for: timedelta) -> None:
    """Sweep through all lanes, again and again, until cancelled."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SWEEPS)
        for lane in lanes:
            await sweep(lane, kept_for)


async def sweep(lane: Lane, kept_for: timedelta) -> None:
    """Forget the closed incidents of a lane that nothing has happened to for so long, by the clock of its log.

    A lane that is far behind forgets nothing that its next events still need.
    """
    keys = list(lane.states)
    for first in range(0, len(keys), STATES_AT_ONCE):
        since = datetime.fromtimestamp(lane.latest_ms / 1000, UTC) - kept_for
        forgotten = {key: None for key in keys[first : first + STATES_AT_ONCE] if _is_over(lane.states.get(key), since)}
        if forgotten:
            await lane.add(Decided(None, states=forgotten))
        await asyncio.sleep(0)


def _is_over(state: bytes | None, since: datetime) -> bool:
    try:
        memory = INCIDENT_STATES.decode(state or b"")
    except ValueError:
        return False  # gone meanwhile, or its next event will say that it cannot be read
    incident = memory.incident
    if memory.telling is not None or memory.due_at is not None:  # something is happening to it, or will
        return False
    latest = max(filter(None, (incident.changed_at, incident.ended_at, incident.start_time)))
    return not is_open(incident, since) and latest < since
