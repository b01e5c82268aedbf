"""Whatever a body about configuration says, it is taken or refused with a reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

PROFILES, V3 = "/api/v2/notificationprofiles/", "/api/v3/notificationprofiles/"
DEEP: list[Any] = []
for _ in range(400):
    DEEP = [DEEP]

VALUES: list[Any] = [
    None, True, 1.5, -1, 0, 10**30, 1e300, "", " ", "x", "x" * 5000, "\x00", "9" * 5000, "infinity", "2026-02-30",
    [], {}, [[]], [{}], [None], [10**30], ["\x00"], [1] * 1001, {"a": {}}, {"": None}, DEEP,
]  # fmt: skip
BODIES = [b"{", b"[]", b"1", b'"x"', b"null", b'{"name": "\\ud800"}', b'{"name": NaN}', b"\xff", b"[" * 100_000]
PKS = ["0", "-1", *map(str, (2**31, 2**63, 10**30, -(2**31) - 1, -(2**63) - 1, -(10**30)))]
STEP = {"after_minutes": 1, "destinations": [1]}
RECURRENCE = {"days": [1], "start": "08:00", "end": "16:00", "all_day": False}


@pytest.fixture
async def targets(ask):
    """Where a body may go: method, address, a body that is taken."""
    filter_ = (await ask.post("filters/", {"name": "f", "filter": {"open": True}}, who="admin"))["pk"]
    slot = (await ask.get("timeslots/", who="admin"))[0]["pk"]
    mail = {"media": "email", "settings": {"email_address": "a@example.org"}, "label": "l"}
    mine = (await ask.post("destinations/", mail, who="admin"))["pk"]
    blob = {
        "sourceSystemIds": [1], "source_types": ["nav"], "tags": ["a=1"], "open": True, "acked": None,
        "stateful": True, "maxlevel": 1, "event_types": ["STA"], "hide_closed_acked": False,
    }  # fmt: skip
    wish = {"name": "p", "timeslot": slot, "timeslots": [slot], "filters": [filter_], "destinations": [], "active": 1}
    profile = (await ask.post("", wish, who="admin"))["pk"]
    task = {"filters": [filter_], "start_time": "2026-01-01", "end_time": None, "description": "d"}
    made = (await ask.post("/api/v2/plannedmaintenance/", task, who="admin"))["pk"]
    filters = {"name": "g", "filter": blob, "public": False}
    timeslots = {"name": "t", "zone": "UTC", "time_recurrences": [RECURRENCE]}
    dates = {"name": "d", "dates": ["2026-12-25"]}
    days = (await ask.post(f"{V3}date-lists/", dates, who="admin"))["pk"]
    later = {
        "damping": {"changes": 1, "minutes": 1, "summary_minutes": 1},
        "escalation": [STEP | {"destinations": [mine]}],
    }
    repeats = {"every": "week", "interval": 1, "days": [1], "nth": None, "until": "2026-12-01", "zone": "UTC"}
    weekly = task | {"end_time": "2026-01-02", "tell_after": True, "repeats": repeats}
    return [
        ("PATCH", f"{V3}{profile}/", wish | later),
        ("PATCH", f"{V3}timeslots/{slot}/", timeslots | {"exceptions": [days]}),
        ("PATCH", f"{V3}date-lists/{days}/", dates),
        ("POST", "/api/v3/plannedmaintenance/", weekly),
        ("PATCH", f"/api/v3/plannedmaintenance/{made}/", weekly),
        ("POST", f"{V3}preview/", wish | later | {"name": "q", "conditions": [blob]}),
        ("PUT", "/api/v3/auth/user/quiet/", {"until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}),
        ("POST", f"{PROFILES}filters/", filters),
        ("PUT", f"{PROFILES}filters/{filter_}/", filters),
        ("POST", f"{PROFILES}filterpreview/", blob),
        ("PATCH", f"{PROFILES}timeslots/{slot}/", timeslots),
        ("POST", f"{PROFILES}destinations/", mail),
        ("PATCH", f"/api/v3/notificationprofiles/destinations/{mine}/", mail),
        ("PUT", f"{PROFILES}{profile}/", wish),
        ("PATCH", f"/api/v2/plannedmaintenance/{made}/", task),
    ]


def spoiled(body):
    """The body with each of its values replaced, wherever it stands."""
    for name, value in body.items():
        yield from ({**body, name: other} for other in VALUES)
        if isinstance(value, dict):
            yield from ({**body, name: other} for other in spoiled(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ({**body, name: [other]} for other in spoiled(value[0]))


@pytest.mark.parametrize("number", range(15))
async def test_no_value_is_too_strange_to_be_answered(http, people, targets, number):
    method, url, body = targets[number]
    contents = [*BODIES, *(json.dumps(each).encode() for each in spoiled(body))]
    headers = people["admin"] | {"content-type": "application/json"}
    for content in contents:
        response = await http.request(method, url, content=content, headers=headers)
        assert response.status_code < 500, (content[:300], response.text)
        assert response.status_code < 400 or response.json(), content[:300]


@pytest.mark.parametrize("pk", PKS)
async def test_no_pk_is_too_strange_to_be_answered(http, people, pk):
    for path in (
        PROFILES,
        f"{PROFILES}filters/",
        f"{PROFILES}timeslots/",
        f"{PROFILES}destinations/",
        f"{V3}date-lists/",
    ):
        url = f"{path}{pk}/"
        for method in ("GET", "PATCH", "DELETE"):
            assert (await http.request(method, url, json={}, headers=people["admin"])).status_code == 404
    for path in (f"{PROFILES}{pk}/incidents/", f"{PROFILES}destinations/{pk}/duplicate/"):
        assert (await http.get(path, headers=people["admin"])).status_code in {400, 404}
    task = f"/api/v2/plannedmaintenance/{pk}/"
    assert (await http.patch(task, json={}, headers=people["admin"])).status_code == 404
    assert (await http.get(f"/api/v3/plannedmaintenance/{pk}/incidents/", headers=people["admin"])).status_code == 404


@pytest.mark.parametrize("number", range(15))
async def test_a_form_is_taken_or_refused_with_a_reason(http, people, targets, number):
    method, url, body = targets[number]
    texts = {name: str(value) for name, value in body.items()}
    for sent in (
        {"data": texts},
        {"data": texts, "files": {"name": b"x", "filters": b"\xff"}},
        {"data": {"\x00": "\x00"}},
    ):
        response = await http.request(method, url, headers=people["admin"], **sent)
        assert response.status_code < 500, response.text
    other = await http.request(method, url, content=b"x", headers=people["admin"] | {"content-type": "text/csv"})
    assert other.status_code == 415


READS = (
    "v2/incidents/{}/", "v3/incidents/{}/?open=true", "v2/incidents/{}/events/", "v2/incidents/{}/acks/",
    "v3/incidents/{}/notifications/", "v2/incidents/1/events/{}/", "v2/incidents/1/acks/{}/",
    "v2/incidents/sources/{}/", "v2/auth/users/{}/", "v3/notificationprofiles/{}/preview/",
    "v3/notificationprofiles/{}/explain/?incident=1", "v3/notificationprofiles/{}/explain/?event=1",
)  # fmt: skip


@pytest.mark.parametrize("pk", PKS)
async def test_no_pk_of_what_is_read_is_too_strange_to_be_answered(http, people, pk):
    for path in READS:
        answer = await http.get(f"/api/{path.format(pk)}", headers=people["admin"])
        assert answer.status_code == 404, (path, answer.text)
    assert (await http.get(f"/api/v2/incidents/{pk}/tags/", headers=people["admin"])).status_code in {400, 404}
