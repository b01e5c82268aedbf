"""One matcher and what it makes of records, rules and the time in between."""

from argus_schemas.configuration import Filter, NamedFilter
from argus_schemas.words import EventType
from tests.builders import a_happening, a_profile, a_start
from tests.eventually import eventually
from tests.integration.matcher.world import World

OPEN = NamedFilter(pk=2, name="Open", filter=Filter(open=True))


async def test_who_was_told_of_a_start_is_told_of_the_end(world: World) -> None:
    await world.publish(a_profile(filters=(OPEN,)))
    matcher = world.start()
    await eventually(matcher.ready, within=30)

    await world.append(a_start(), a_happening(EventType.END, minutes=1))
    await world.all_matched()

    told = await world.notifications()
    assert [notification.event.type for notification in told] == [EventType.START, EventType.END]
