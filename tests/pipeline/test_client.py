"""A glue service written by somebody else: argus-api-client, unmodified."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime

from pyargus.client import Client
from pyargus.models import Incident

from tests.eventually import eventually


@contextmanager
def argus(url, token):
    """The client; it never closes its connections by itself."""
    client = Client(f"{url}/api/v2", token, timeout=10)
    yield client
    client.api.close_client()


async def test_the_real_client_opens_and_closes_an_incident_and_a_person_is_mailed_both(url, mails, source, person):
    wish = Incident(
        description="Box down in Tromsø",
        start_time=datetime.now(UTC),
        source_incident_id="17",
        level=2,
        tags={"host": "a=b"},
    )

    with argus(url, source.token) as client:
        posted = await asyncio.to_thread(client.post_incident, wish)
        mine = await asyncio.to_thread(lambda: list(client.get_my_incidents(open=True)))
        await asyncio.to_thread(client.resolve_incident, posted, description="Box up")
        still_open = await asyncio.to_thread(lambda: list(client.get_my_incidents(open=True)))
        closed = await asyncio.to_thread(client.get_incident, posted.pk)
        events = await asyncio.to_thread(client.get_incident_events, posted.pk)

    assert [(each.pk, each.source_incident_id) for each in mine] == [(posted.pk, "17")]
    assert still_open == []
    assert (closed.description, closed.level, closed.tags) == ("Box down in Tromsø", 2, {"host": "a=b"})
    assert [event.type for event in events] == ["END", "STA"]
    await eventually(lambda: [mail.type for mail in mails.to(person.email)] == ["STA", "END"], within=20)
    assert all("Box down in Tromsø" in mail.text for mail in mails.to(person.email))


async def test_the_real_client_acknowledges_and_remarks(url, source, person):
    wish = Incident(description="Box down", start_time=datetime.now(UTC), source_incident_id="17", tags={})

    with argus(url, source.token) as glue, argus(url, person.token) as alice:
        posted = await asyncio.to_thread(glue.post_incident, wish)
        ack = {"timestamp": datetime.now(UTC).isoformat(), "description": "on it"}
        await asyncio.to_thread(alice.api.acknowledgements.create, posted.pk, body=ack)
        acked = await asyncio.to_thread(lambda: list(alice.get_incidents(acked=True, source__id__in=source.pk)))
        acks = await asyncio.to_thread(glue.get_incident_acknowledgements, posted.pk)

    assert [incident.pk for incident in acked] == [posted.pk]
    assert [(ack.event.description, ack.expiration) for ack in acks] == [("on it", None)]
