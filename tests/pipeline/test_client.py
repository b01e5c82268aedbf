"""A glue service written by somebody else: argus-api-client, unmodified."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pyargus.async_client import AsyncClient
from pyargus.client import Client
from pyargus.models import STATELESS, Event, Incident
from pyargus.multivaluedict import MultiValueDict
from pyargus.time import LOCAL_INFINITY
from simple_rest_client.exceptions import AuthError, ClientError, NotFoundError

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


def an_incident(number, **changes):
    fields = {
        "description": f"Box {number} down",
        "start_time": datetime.now(UTC) - timedelta(minutes=number),
        "source_incident_id": str(number),
        "level": 3,
        "tags": {"host": f"box{number}"},
    }
    return Incident(**fields | changes)


async def test_the_real_client_changes_remarks_ends_and_restarts(url, source):
    with argus(url, source.token) as client:
        posted = await asyncio.to_thread(client.post_incident, an_incident(1))
        wish = Incident(pk=posted.pk, description="Box on fire", level=1, tags={"host": "box1", "room": "b2"})
        changed = await asyncio.to_thread(client.update_incident, wish)
        address = {"ticket_url": "https://tickets.example.org/1"}
        await asyncio.to_thread(client.api.incidents.set_ticket_url, posted.pk, body=address)
        remark = Event(description="looking", timestamp=datetime.now(UTC), type="OTH")
        remarked = await asyncio.to_thread(client.post_incident_event, posted.pk, remark)
        await asyncio.to_thread(client.resolve_incident, posted.pk, "cold again")
        await asyncio.to_thread(client.restart_incident, posted, "hot again")
        found = await asyncio.to_thread(client.get_incident, posted.pk)
        events = await asyncio.to_thread(client.get_incident_events, found)

    assert (changed.description, changed.level) == ("Box on fire", 1)
    assert found.tags == MultiValueDict([("host", "box1"), ("room", "b2")])
    assert (found.open, found.end_time, found.ticket_url) == (True, LOCAL_INFINITY, "https://tickets.example.org/1")
    assert remarked.timestamp == remark.timestamp
    assert {event.type for event in events} == {"STA", "CHI", "OTH", "END", "RES"}
    assert {event.actor for event in events} == {remarked.actor}


async def test_the_real_client_reads_all_pages(url, source):
    with argus(url, source.token) as client:
        for number in range(5):
            await asyncio.to_thread(client.post_incident, an_incident(number))
        mine = await asyncio.to_thread(lambda: list(client.get_my_incidents(page_size=2)))
        all_of_it = await asyncio.to_thread(lambda: list(client.get_incidents(page_size=2, source__id__in=source.pk)))

    assert [each.source_incident_id for each in mine] == ["0", "1", "2", "3", "4"]
    assert [each.pk for each in all_of_it] == [each.pk for each in mine]


async def test_the_real_client_knows_an_incident_without_an_end_from_an_open_one(url, source):
    with argus(url, source.token) as client:
        moment = await asyncio.to_thread(client.post_incident, an_incident(1, end_time=STATELESS))
        endless = await asyncio.to_thread(client.post_incident, an_incident(2, end_time=LOCAL_INFINITY))

    assert (moment.stateful, moment.end_time) == (False, STATELESS)
    assert (endless.open, endless.end_time) == (True, LOCAL_INFINITY)


async def test_the_real_client_sends_heartbeats_and_takes_a_token(url, source, person):
    with argus(url, source.token) as glue, argus(url, person.token) as alice, argus(url, "no-token") as nobody:
        assert await asyncio.to_thread(glue.supports_heartbeat)
        await asyncio.to_thread(glue.send_heartbeat)
        with pytest.raises(AuthError) as forbidden:
            await asyncio.to_thread(alice.send_heartbeat)
        with pytest.raises(AuthError) as unknown:
            await asyncio.to_thread(nobody.supports_heartbeat)
        # `refresh_token` of 0.8 asks as here and then takes the token for a date
        fresh = (await asyncio.to_thread(glue.api.tokens.refresh)).body
    with argus(url, fresh["token"]) as again:
        assert await asyncio.to_thread(lambda: list(again.get_my_incidents())) == []

    assert (forbidden.value.response.status_code, unknown.value.response.status_code) == (403, 401)
    assert {"expiry", "token"} <= set(fresh)


async def test_the_real_client_is_told_what_is_wrong(url, source):
    with argus(url, source.token) as client:
        await asyncio.to_thread(client.post_incident, an_incident(1))
        with pytest.raises(ClientError) as twice:
            await asyncio.to_thread(client.post_incident, an_incident(1))
        with pytest.raises(NotFoundError):
            await asyncio.to_thread(client.get_incident, 2**31 - 1)

    assert twice.value.response.status_code == 400
    assert "source_incident_id" in str(twice.value.response.body)


async def test_the_real_asynchronous_client_opens_and_closes(url, source):
    client = AsyncClient(f"{url}/api/v2", source.token, timeout=10)
    try:
        posted = await client.post_incident(an_incident(1))
        still_open = [each.pk async for each in client.get_my_incidents(open=True, page_size=1)]
        await client.send_heartbeat()
        await client.resolve_incident(posted, description="Box up")
        assert (await client.get_incident(posted.pk)).open is False
        assert [event.type for event in await client.get_incident_events(posted.pk)] == ["END", "STA"]
    finally:
        await client.api.aclose_client()
    assert still_open == [posted.pk]
