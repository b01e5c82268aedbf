"""Previews list what a filter or a profile accepts (specification 2.11.6, design 6.1, 6.3, 6.12)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from argus_api.repositories.filtering import MOST_PREVIEWED
from argus_database.tables.incidents import IncidentRow
from tests.builders import NOON
from tests.integration.api.rows import an_event, an_incident

PREVIEWS = ("filterpreview/", "preview/")
PAST = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def preview(ask):
    async def send(blob):
        """The pks that both addresses of the preview list."""
        first, second = [[each["pk"] for each in await ask.post(path, blob, status=200)] for path in PREVIEWS]
        assert first == second
        return first

    return send


@pytest.mark.rule(177)
async def test_a_preview_lists_what_the_filter_accepts_newest_first(ask, preview, sessions, people):
    nav, zabbix = people.pks["nav"], people.pks["zabbix"]
    old = await an_incident(sessions, nav, level=1, tags=["a=1", "b=1"])
    new = await an_incident(sessions, nav, level=2, tags=["a=2"], minutes=5)
    closed = await an_incident(sessions, zabbix, level=5, ended=PAST, acked=[None], minutes=-5)
    await an_event(sessions, new, "STA", people.pks["nav user"])

    assert await preview({}) == []
    assert await preview({"open": None, "tags": [], "hide_closed_acked": False}) == []
    assert await preview({"open": True}) == [new, old]
    assert await preview({"open": False}) == [closed]
    assert await preview({"maxlevel": 1}) == [old]
    assert await preview({"tags": ["a=1", "a=2"]}) == [new, old]
    assert await preview({"tags": ["a=1", "b=1"]}) == [old]
    assert await preview({"acked": False}) == [new, old]
    assert await preview({"hide_closed_acked": True}) == [new, old]
    assert await preview({"sourceSystemIds": [zabbix], "unknown": 1}) == [closed]
    assert await preview({"source_types": ["nav", "zabbix"]}) == [new, old, closed]
    assert await preview({"event_types": ["STA"]}) == [new]


async def test_a_preview_shows_incidents_as_v2_does(ask, http, sessions, people):
    pk = await an_incident(sessions, people.pks["nav"], tags=["a=1"], acked=[None])
    (shown,) = await ask.post("preview/", {"open": True}, status=200)
    assert shown == await ask.get(f"/api/v2/incidents/{pk}/")
    assert shown["acked"] is True


@pytest.mark.parametrize("path", PREVIEWS)
async def test_a_bad_preview_is_refused(ask, http, people, path):
    assert await ask.post(path, {"maxlevel": 0, "tags": ["x"]}, status=400) == {
        "maxlevel": ["Ensure this value is greater than or equal to 1."],
        "tags": {"0": ["Ensure this field has at least 3 characters."]},
    }
    assert "non_field_errors" in await ask.post(path, [], status=400)
    assert await ask.post(path, {"tags": ["no delimiter"]}, status=200) == []
    refused = await http.get(f"/api/v2/notificationprofiles/{path}", headers=people["alice"])
    assert (refused.status_code, refused.json()) == (405, {"detail": 'Method "GET" not allowed.'})
    assert (await http.post(f"/api/v2/notificationprofiles/{path}", json={})).status_code == 401


async def test_a_preview_ends_at_its_cap(ask, sessions, people):
    rows = [
        {
            "id": pk, "key": f"k{pk}", "source_id": people.pks["nav"], "source_incident_id": "", "stateful": True,
            "start_time": NOON + timedelta(seconds=pk), "description": "", "level": 3, "details_url": "",
            "ticket_url": "", "metadata_": {}, "search_text": "", "received_at": NOON,
        }
        for pk in range(1, MOST_PREVIEWED + 2)
    ]  # fmt: skip
    async with sessions.begin() as session:
        await session.execute(insert(IncidentRow), rows)
    found = [each["pk"] for each in await ask.post("preview/", {"open": True}, status=200)]
    assert found == list(range(MOST_PREVIEWED + 1, 1, -1))


@pytest.mark.rule(185)
async def test_the_incidents_of_a_profile_are_those_of_any_of_its_filters(ask, sessions, people):
    bad = await an_incident(sessions, people.pks["nav"], level=1)
    tagged = await an_incident(sessions, people.pks["nav"], tags=["a=1"], minutes=5)
    await an_incident(sessions, people.pks["nav"])
    blobs = {"bad": {"maxlevel": 1}, "tagged": {"tags": ["a=1"]}, "empty": {}}
    pks = [(await ask.post("filters/", {"name": name, "filter": blob}))["pk"] for name, blob in blobs.items()]
    (slot,) = await ask.get("timeslots/")
    profile = (await ask.post("", {"timeslot": slot["pk"], "filters": pks}))["pk"]

    assert [each["pk"] for each in await ask.get(f"{profile}/incidents/")] == [tagged, bad]
    gone = [f"Notification profile with pk={profile} does not exist."]
    assert await ask.get(f"{profile}/incidents/", who="bob", status=400) == gone
    assert await ask.get("9/incidents/", status=400) == ["Notification profile with pk=9 does not exist."]
