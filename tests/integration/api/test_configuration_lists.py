"""Lists of configuration have the shape that the API's document says, and cost as many statements however long."""

import msgspec
import pytest

from argus_api import shapes

ROOT = "/api/v2/notificationprofiles/"


@pytest.fixture
async def grow(ask):
    """Adds one more of everything."""
    (slot,) = await ask.get("timeslots/", who="admin")
    recurrence = {"days": [1], "start": "08:00", "end": "16:00"}

    async def add(number):
        name = f"n{number}"
        filter_ = await ask.post("filters/", {"name": name, "filter": {"maxlevel": 1}}, who="admin")
        times = await ask.post("timeslots/", {"name": name, "time_recurrences": [recurrence] * 2}, who="admin")
        mail = {"media": "email", "settings": {"email_address": f"{name}@example.org"}}
        destination = await ask.post("destinations/", mail, who="admin")
        wish = {"timeslots": [slot["pk"], times["pk"]], "filters": [filter_["pk"]], "destinations": [destination["pk"]]}
        await ask.post("", wish, who="admin")
        await ask.post("/api/v2/plannedmaintenance/", {"filters": [filter_["pk"]]}, who="admin")

    return add


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        (f"{ROOT}filters/", list[shapes.Filter]),
        (f"{ROOT}timeslots/", list[shapes.Timeslot]),
        (f"{ROOT}destinations/", list[shapes.Destination]),
        ("/api/v3/notificationprofiles/destinations/", list[shapes.Destination]),
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
