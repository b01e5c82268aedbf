"""A large incident with many destinations is told in several transactions; each destination hears of it once."""

from datetime import UTC, datetime

from argus_matcher.patience import MOST_BYTES
from argus_schemas.topics import INCIDENT_STATES, NOTIFICATIONS
from tests.builders import EVERYTHING, a_draft, a_profile, a_start
from tests.eventually import eventually
from tests.integration.matcher.world import World

DESTINATIONS = 200
LARGE = 250_000
"""Characters of an incident: fifty megabytes of notifications, in seven transactions."""


async def test_a_matcher_that_is_killed_between_two_transactions_of_an_event_has_a_successor_that_tells_the_rest(
    world: World,
) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,), destinations=tuple(range(1, DESTINATIONS + 1))))
    watching = await world.kafka.reader(NOTIFICATIONS, committed=True)
    empty = await watching.end()
    matcher = world.start()
    await eventually(matcher.ready, within=30)
    now = datetime.now(UTC)

    await world.append(
        a_start(
            occurred_at=now, received_at=now, draft=a_draft(start_time=now, metadata={"output": "x" * LARGE})
        )
    )  # fmt: skip
    while await watching.end() == empty:
        """Nothing is told yet."""
    matcher.kill()
    reached = sum((await watching.end()).values())
    await world.all_matched(within=60)

    told = [(record.key, NOTIFICATIONS.decode(record.value or b"")) for record in await world.read(NOTIFICATIONS)]
    assert sorted(each.destination for _, each in told) == list(range(1, DESTINATIONS + 1))
    assert {len(each.incident.metadata["output"]) for _, each in told} == {LARGE}
    assert 0 < reached < sum((await watching.end()).values())
    assert matcher.child.restarts == 1
    [state] = (await world.states()).values()
    assert ([each.destination for each in state.told], state.telling) == (list(range(1, DESTINATIONS + 1)), None)
    between = [INCIDENT_STATES.decode(record.value or b"").telling for record in await world.read(INCIDENT_STATES)]
    assert len([telling for telling in between if telling]) >= DESTINATIONS * LARGE // MOST_BYTES
