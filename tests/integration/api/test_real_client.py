"""`argus-api-client`, unmodified, reads what the api serves."""

import asyncio

import pytest
from pyargus.client import Client

from argus_http.server import serve
from tests.builders import NOON
from tests.eventually import eventually
from tests.integration.api.rows import an_event, an_incident


@pytest.fixture
async def client(app, people, free_port):
    """The client of a source, as a glue service makes it."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, "127.0.0.1", free_port, stop))

    async def answers():
        try:
            (await asyncio.open_connection("127.0.0.1", free_port))[1].close()
        except OSError:
            return False
        return True

    await eventually(answers)
    token = people["nav1"]["Authorization"].removeprefix("Token ")
    client = Client(f"http://127.0.0.1:{free_port}/api/v2", token, timeout=30)
    yield client
    client.api.close_client()
    stop.set()
    await serving


async def test_a_glue_service_lists_its_own_open_incidents_page_by_page(client, people, sessions):
    nav = people.pks["nav"]
    mine = [await an_incident(sessions, nav, tags=["host=a=b"], minutes=minute) for minute in range(105)]
    await an_incident(sessions, nav, ended=NOON.replace(year=2026, month=1))
    others = await an_incident(sessions, people.pks["zabbix"])

    found = await asyncio.to_thread(lambda: list(client.get_my_incidents(open=True)))
    assert [incident.pk for incident in found] == mine[::-1]
    assert found[0].tags == {"host": "a=b"}
    assert found[0].end_time.year == 9999
    everybodys = await asyncio.to_thread(lambda: list(client.get_incidents(open=True)))
    assert {incident.pk for incident in everybodys} == {*mine, others}


async def test_an_incident_and_its_events_are_read(client, people, sessions):
    pk = await an_incident(sessions, people.pks["nav"])
    await an_event(sessions, pk, "STA", people.pks["nav user"], description="Box down")

    incident = await asyncio.to_thread(client.get_incident, pk)
    assert (incident.pk, incident.source.name, incident.source.type) == (pk, "nav1", "nav")
    (event,) = await asyncio.to_thread(lambda: list(client.get_incident_events(pk)))
    assert (event.type, event.actor, event.description) == ("STA", "nav1", "Box down")
