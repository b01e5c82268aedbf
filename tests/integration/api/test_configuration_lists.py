"""Lists of configuration have the shape that the API's document says, and cost as many statements however long."""

import msgspec
import pytest

from argus_api import shapes, shapes_v3

ROOT, V3 = "/api/v2/notificationprofiles/", "/api/v3/notificationprofiles/"


@pytest.fixture
async def grow(ask):
    """Adds one more of everything."""
    (always,) = await ask.get("timeslots/", who="admin")
    recurrence = {"days": [1], "start": "08:00", "end": "16:00"}

    async def add(number):
        name = f"n{number}"
        filter_ = await ask.post("filters/", {"name": name, "filter": {"maxlevel": 1}}, who="admin")
        days = await ask.post(f"{V3}date-lists/", {"name": name, "dates": ["2026-12-25"]}, who="admin")
        slot = {"name": name, "time_recurrences": [recurrence] * 2, "exceptions": [days["pk"]]}
        times = await ask.post(f"{V3}timeslots/", slot, who="admin")
        mail = {"media": "email", "settings": {"email_address": f"{name}@example.org"}}
        destination = await ask.post("destinations/", mail, who="admin")
        wish = {"timeslots": [always["pk"], times["pk"]], "filters": [filter_["pk"]]}
        step = {"after_minutes": 5, "destinations": [destination["pk"]]}
        more = {"destinations": [destination["pk"]], "damping": {"changes": 1, "minutes": 1}, "escalation": [step]}
        await ask.post(V3, wish | more, who="admin")
        weekly = {"start_time": "2026-11-02", "end_time": "2026-11-03", "repeats": {"every": "week"}}
        await ask.post("/api/v3/plannedmaintenance/", {"filters": [filter_["pk"]], **weekly}, who="admin")

    return add


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        (f"{ROOT}filters/", list[shapes.Filter]),
        (f"{ROOT}timeslots/", list[shapes.Timeslot]),
        (f"{ROOT}destinations/", list[shapes.Destination]),
        (f"{V3}destinations/", list[shapes.Destination]),
        (V3, list[shapes_v3.ProfileV3]),
        (f"{V3}timeslots/", list[shapes_v3.TimeslotV3]),
        (f"{V3}date-lists/", list[shapes_v3.DateList]),
        ("/api/v3/plannedmaintenance/", list[shapes_v3.MaintenanceV3]),
        (ROOT, list[shapes.Profile]),
        ("/api/v2/plannedmaintenance/", list[shapes.Maintenance]),
        (f"{ROOT}media/", list[shapes.Medium]),
    ],
)
async def test_a_list_costs_as_many_statements_however_long(http, people, grow, statements, url, shape):
    costs = []
    for numbers in (range(1), range(1, 6)):
        for number in numbers:
            await grow(number)
        await http.get(url, headers=people["admin"])  # so that the token is known
        with statements() as executed:
            listed = await http.get(url, headers=people["admin"])
        msgspec.json.decode(listed.content, type=shape)
        costs.append(len(executed))
    assert costs[0] == costs[1]
    assert url.endswith("media/") or len(listed.json()) >= 5
