"""The glue service of Zino, written by others and unmodified, between a stand-in of Zino and the whole system."""

from datetime import UTC, datetime

import pytest

from tests.eventually import eventually
from tests.pipeline.clients import send
from tests.pipeline.glue.incidents import becomes, tags_of
from tests.pipeline.glue.process import BIN, running, says, stop
from tests.pipeline.glue.zino import SECRET, USER, Zino


def zino_configuration(folder, url, source, zino):
    path = folder / "zinoargus.toml"
    path.write_text(f"""
[argus]
url = "{url}/api/v2"
token = "{source.token}"
timeout = 10
[zino]
server = "{zino.host}"
user = "{USER}"
secret = "{SECRET}"
[sync.acknowledge]
setstate = "working"
[sync.ticket]
enable = true
""")
    return (BIN / "zinoargus", "-v", "-c", path)


async def test_the_zino_glue_opens_remarks_and_ends_incidents(url, source, tmp_path):
    async with Zino().running() as zino:
        zino.open(41, type="reachability", router="gw1.example.org", reachability="no-response")
        async with running(tmp_path, *zino_configuration(tmp_path, url, source, zino)):
            found = await becomes(url, source, lambda found: set(found) == {"41"})
            assert found["41"]["description"] == "gw1.example.org is not reachable"
            assert {"host=gw1.example.org", "event_type=reachability", "priority=200"} <= tags_of(found["41"])
            await eventually(lambda: zino.tied, within=10)

            port = zino.open(42, type="portstate", router="gw2", port="xe-0/0/1", ifindex="7", descr="core, gw1")
            port.log.append("gw2: intf xe-0/0/1 ix 7 linkDown")
            port.note("alice", "called the provider", at=port.opened + 30)
            zino.notify(42, "state", "embryonic open")
            found = await becomes(url, source, lambda found: set(found) == {"41", "42"})
            remarks = await eventually(lambda: remarks_of(url, source, found["42"]), within=20)
            assert remarks == ["alice\ncalled the provider"]
            zino.notify(42, "history")
            zino.close(41)
            found = await becomes(url, source, lambda found: not found["41"]["open"])
            assert await remarks_of(url, source, found["42"]) == remarks, "what was said once is not said again"

    assert "Traceback" not in (tmp_path / "log").read_text()


async def remarks_of(url, source, incident):
    """Return the texts of the remarks on an incident."""
    status, events = await send("GET", url, source.token, f"/api/v2/incidents/{incident['pk']}/events/", None)
    assert status == 200, events
    return [event["description"] for event in events if event["type"]["value"] == "OTH"]


async def done(method, url, person, path, body):
    """Do something as a person."""
    status, said = await send(method, url, person.token, path, body)
    assert status in {200, 201}, said


async def test_the_zino_glue_closes_the_case_of_an_incident_that_a_person_closed_while_it_was_away(
    url, source, person, tmp_path
):
    async with Zino().running() as zino:
        zino.open(41, type="reachability", router="gw1.example.org", reachability="no-response")
        command = zino_configuration(tmp_path, url, source, zino)
        async with running(tmp_path, *command) as glue:
            found = await becomes(url, source, lambda found: set(found) == {"41"})
            await stop(glue)

        event = {"type": "CLO", "description": "planned work", "timestamp": datetime.now(UTC).isoformat()}
        path = f"/api/v2/incidents/{found['41']['pk']}/events/"
        await done("POST", url, person, path, event)
        await becomes(url, source, lambda found: not found["41"]["open"])

        async with running(tmp_path, *command):
            await eventually(lambda: zino.cases[41].state == "closed", within=30)
        assert "planned work" in str(zino.cases[41].history)


@pytest.mark.long
async def test_the_zino_glue_carries_acknowledgements_tickets_and_closings_back(url, source, person, tmp_path):
    async with Zino().running() as zino:
        case = zino.open(41, type="reachability", router="gw1.example.org", reachability="no-response")
        async with running(tmp_path, *zino_configuration(tmp_path, url, source, zino)):
            found = await becomes(url, source, lambda found: set(found) == {"41"})
            await says(tmp_path, "Refreshing", within=60)
            root, now = f"/api/v2/incidents/{found['41']['pk']}", datetime.now(UTC).isoformat()
            await done("POST", url, person, f"{root}/acks/", {"timestamp": now, "description": "on it"})
            await done("PUT", url, person, f"{root}/ticket_url/", {"ticket_url": "https://tickets.example.org/7"})
            await eventually(lambda: case.state == "working", within=60)
            await eventually(lambda: "https://tickets.example.org/7" in str(case.history), within=60)
            assert "on it" in str(case.history)

            await done("POST", url, person, f"{root}/events/", {"type": "CLO", "description": "done", "timestamp": now})
            await eventually(lambda: case.state == "closed", within=60)
    assert "Traceback" not in (tmp_path / "log").read_text()
