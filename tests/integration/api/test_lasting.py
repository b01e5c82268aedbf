"""Incidents that have lasted for some time are all found, few or many, at whatever page (specification 2.5.1)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from argus_api.repositories.lasting import FEW, LOOKED_AT
from tests.builders import NOON
from tests.integration.api.instance import an_api, client
from tests.integration.api.rows import an_incident

V2 = "/api/v2/incidents/"
HOUR = 60
BEGAN = NOON - timedelta(days=400)


ONCE_LONG = """
    INSERT INTO incidents (
        id, key, source_id, source_incident_id, start_time, stateful, ended_at, description, level, details_url,
        ticket_url, metadata, search_text, received_at
    ) SELECT n, '1:' || n, 1, '', began, true, began + CASE WHEN n <= :long THEN interval '2h' ELSE interval '1m' END,
        'Box down', 3, '', '', '{}', '', began
    FROM (SELECT n, now() - interval '300 days' + n * interval '1min' FROM generate_series(1, :all) n) each (n, began)
"""


@pytest.mark.parametrize("more", ["", "&open=false", "&search=box"])
async def test_many_that_lasted_before_many_that_did_not_are_counted_soon(people, sessions, more):
    long = 60_000
    async with sessions.begin() as session:
        await session.execute(text(ONCE_LONG), {"long": long, "all": long + 2 * LOOKED_AT})
        await session.execute(text("ANALYZE incidents"))
    for within in (timedelta(minutes=1), timedelta(milliseconds=1)):
        async with client(an_api(sessions, count_within=within)) as http, asyncio.timeout(5):
            answer = await http.get(f"{V2}?duration__gte={HOUR}&count{more}", headers=people["alice"])
        assert answer.json()["count"] == pytest.approx(long, rel=0.05), answer.text


@pytest.mark.parametrize("ended", [FEW - 1, FEW, 3 * FEW])
async def test_incidents_that_have_lasted_so_long_are_found_page_by_page(http, people, sessions, ended):
    nav, now = people.pks["nav"], datetime.now(UTC)
    lasted = [await an_incident(sessions, nav, ended=BEGAN + timedelta(hours=2), minutes=n) for n in range(ended)]
    lasted.append(await an_incident(sessions, nav, minutes=40))
    lasted.append(await an_incident(sessions, nav, minutes=50, ended=now + timedelta(days=1)))
    await an_incident(sessions, nav, minutes=20, ended=BEGAN + timedelta(minutes=30))
    await an_incident(sessions, nav, minutes=60, stateful=False)
    await an_incident(sessions, nav, start_time=now)

    found, url = [], f"{V2}?duration__gte={HOUR}&page_size=2"
    while url:
        page = (await http.get(url, headers=people["alice"])).json()
        found += [each["pk"] for each in page["results"]]
        url = page["next"]
    counted = (await http.get(f"{V2}?duration__gte={HOUR}&count", headers=people["alice"])).json()

    assert found == lasted[::-1]
    assert counted["count"] == len(lasted)
