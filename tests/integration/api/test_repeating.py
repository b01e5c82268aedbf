"""Planned maintenance that comes again: v3 says how, v2 shows the time that counts."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.api.rows import an_incident

V2, V3 = "/api/v2/plannedmaintenance/", "/api/v3/plannedmaintenance/"
NOW = datetime.now(UTC)
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
DAILY = {"every": "day", "interval": 1, "days": [], "nth": None, "until": None, "zone": "UTC"}


def said(moment):
    return moment.isoformat().replace("+00:00", "Z")


def times(start, end):
    return {"start_time": said(start), "end_time": said(end)}


UNDER_WAY = times(NOW - HOUR, NOW + HOUR)


@pytest.fixture
async def filter_(ask):
    return await ask.post("filters/", {"name": "f", "filter": {"tags": ["host=pm"]}}, who="admin")


@pytest.fixture
def add(ask, filter_):
    async def send(start=NOW - WEEK - HOUR, end=NOW - WEEK + HOUR, root=V3, status=201, **more):
        body = {"filters": [filter_["pk"]], **times(start, end), **more}
        return await ask.post(root, body, who="admin", status=status)

    return send


async def test_a_task_says_how_it_comes_again_and_when_next(ask, add):
    added = await add(repeats={"every": "day"}, tell_after=False)
    assert (added["repeats"], added["tell_after"]) == (DAILY, False)
    assert (added["start_time"], added["end_time"]) == (said(NOW - WEEK - HOUR), said(NOW - WEEK + HOUR))
    starts = [NOW - HOUR + number * DAY for number in range(5)]
    assert added["occurrences"] == [times(start, start + 2 * HOUR) for start in starts]
    one = f"{V3}{added['pk']}/"
    assert await ask.get(one) == added
    (listed,) = await ask.get(V3)
    assert listed == {key: value for key, value in added.items() if key != "occurrences"}
    assert await ask.put(one, {"filters": [added["filters"][0]["pk"]]}, who="admin") == added
    once = await ask.patch(one, {"repeats": None, "tell_after": True}, who="admin")
    assert (once["repeats"], once["occurrences"], once["tell_after"]) == (None, [], True)


async def test_v2_shows_the_time_under_way_and_keeps_how_a_task_comes_again(ask, add):
    added = await add(repeats={"every": "day"})
    one = f"{added['pk']}/"
    shown = await ask.get(V2 + one)
    assert set(shown) == {"pk", "created_by", "created", "start_time", "end_time", "description", "filters"}
    assert {key: shown[key] for key in UNDER_WAY} == UNDER_WAY
    assert await ask.get(V2) == [shown]
    again = {"filters": [added["filters"][0]["pk"]], **UNDER_WAY, "repeats": None}
    assert await ask.put(V2 + one, again, who="admin") == shown
    assert await ask.get(V3 + one) == added
    longer = await ask.patch(V2 + one, {"end_time": said(NOW + 2 * HOUR)}, who="admin")
    assert longer["end_time"] == said(NOW + 2 * HOUR)
    assert (await ask.get(V3 + one))["end_time"] == said(NOW - WEEK + 2 * HOUR)
    endless = await ask.patch(V2 + one, {"end_time": None}, who="admin", status=400)
    assert endless == {"repeats": ["A task that repeats needs an end_time."]}


async def test_a_task_is_future_between_its_times_and_past_after_the_last(ask, add):
    between = await add(NOW - WEEK - 3 * HOUR, NOW - WEEK - HOUR, repeats={"every": "week"})
    assert (await ask.get(f"{V2}{between['pk']}/"))["start_time"] == said(NOW + WEEK - 3 * HOUR)
    past = await add(repeats={"every": "day", "until": said(NOW - 2 * DAY)})
    assert past["occurrences"] == []
    assert (await ask.get(f"{V2}{past['pk']}/"))["end_time"] == said(NOW - 2 * DAY + HOUR)
    late = await ask.patch(f"{V3}{past['pk']}/", {"description": "x"}, who="admin", status=400)
    assert "no longer modifiable" in late["non_field_errors"][0]


async def test_a_task_covers_incidents_in_each_of_its_times(ask, add, sessions, people):
    incident = await an_incident(sessions, people.pks["nav"], tags=["host=pm"])
    now = await add(repeats={"every": "day"})
    later = await add(NOW - WEEK - 3 * HOUR, NOW - WEEK - HOUR, repeats={"every": "day"})
    assert [each["pk"] for each in await ask.get(f"{V3}{now['pk']}/incidents/")] == [incident]
    assert await ask.get(f"{V3}{later['pk']}/incidents/") == []


async def test_what_names_no_zone_is_on_the_servers_clocks_and_days_are_named_once(add):
    second_tuesday = {"every": "month", "days": ["2", 2], "nth": 2, "zone": "Europe/Oslo"}
    added = await add(repeats=second_tuesday)
    assert added["repeats"] == DAILY | {"every": "month", "days": [2], "nth": 2, "zone": "Europe/Oslo"}


@pytest.mark.parametrize(
    ("repeats", "errors"),
    [
        ({}, {"every": ["This field is required."]}),
        ({"every": "year"}, {"every": ['"year" is not a valid choice.']}),
        ({"every": "day", "interval": 100}, {"interval": ["Ensure this value is less than or equal to 99."]}),
        ({"every": "week", "days": [8]}, {"days": ['"8" is not a valid choice.']}),
        ({"every": "month", "nth": 5}, {"nth": ['"5" is not a valid choice.']}),
        ({"every": "month", "nth": 1}, {"non_field_errors": ["nth says which of a month's days: every must be month, and days must name some"]}),
        ({"every": "day", "days": [1]}, {"non_field_errors": ["days belong to every week, or to every month together with nth"]}),
        ({"every": "day", "zone": "Mars/Olympus"}, {"zone": ['"Mars/Olympus" is not the name of a time zone.']}),
        ({"every": "day", "until": "9999-12-31T23:59:59Z"}, ["until can lie 10 years ahead at most."]),
        ("day", {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}),
    ],
)  # fmt: skip
async def test_a_task_that_cannot_come_again_like_that_is_refused(add, repeats, errors):
    assert await add(repeats=repeats, status=400) == {"repeats": errors}


async def test_a_task_that_lasts_too_long_does_not_come_again(add):
    week = {"every": "week"}
    assert (await add(end=NOW, repeats=week, status=400)) == {
        "repeats": ["A task that repeats can last 7 days at most."]
    }
    overlapping = await add(end=NOW - WEEK + 2 * DAY, repeats={"every": "day"}, status=400)
    assert overlapping == {"repeats": ["The task would begin again before it has ended."]}
