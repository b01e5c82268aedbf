"""Incidents that have lasted for some time are all found, few or many, at whatever page (specification 2.5.1)."""

from datetime import UTC, datetime, timedelta

import pytest

from argus_api.repositories.lasting import FEW
from tests.builders import NOON
from tests.integration.api.rows import an_incident

V2 = "/api/v2/incidents/"
HOUR = 60
BEGAN = NOON - timedelta(days=400)


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
