"""The log may be read again from its beginning: the rows stay as they are."""

from typing import Any

from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS
from argus_schemas.words import EventType
from tests.builders import a_change, a_create, a_deletion, a_happening, a_notification, a_start, an_ack, tags
from tests.integration.store.conftest import running
from tests.unit.store.test_steps import ID, WAY

TOPICS = (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES)


async def test_a_replay_of_everything_changes_nothing(pipeline, settings):
    gone: dict[str, Any] = {"key": "2:gone"}
    await pipeline.send(
        a_create(), a_create(incident_pk=59, event_pk=60), a_change(level=1, add_tags=tags("a=b")), an_ack(),
        a_happening(EventType.END, 10), a_start(20, incident_pk=61, event_pk=62, change_pks=tuple(range(911, 917))),
        a_create(incident_pk=71, event_pk=72, **gone), a_create(incident_pk=75, event_pk=76, **gone),
        a_deletion(**gone), a_create(incident_pk=73, event_pk=74, **gone), a_happening(EventType.CLOSE, key="2:nobody"),
    )  # fmt: skip
    await pipeline.append(NOTIFICATIONS, [("4", a_notification(id=ID).to_bytes())])
    await pipeline.append(DELIVERIES, [("4", step.to_bytes()) for step in WAY])
    async with running(settings):
        await pipeline.stored(*TOPICS)
    rows = await pipeline.everything()

    await pipeline.do("DELETE FROM positions")
    async with running(settings):
        await pipeline.stored(*TOPICS)

    assert await pipeline.everything() == rows
    assert len(rows["incidents"]) == 2
    assert [letter.value for letter in await pipeline.dead_letters()] == []
