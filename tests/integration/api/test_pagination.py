"""Pages neither skip nor repeat, whatever happens between them (specification 2.1.5, 8.4)."""

import base64
from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.integration.api.rows import an_event, an_incident

V2 = "/api/v2/incidents/"


@pytest.fixture
def page(http, people):
    async def read(url):
        response = await http.get(url, headers=people["alice"])
        assert response.status_code == 200, response.text
        body = response.json()
        return [row["pk"] for row in body["results"]], body["next"], body["previous"]

    return read


@pytest.mark.rule(78, 79)
@pytest.mark.parametrize("path", [V2, "/api/v3/incidents/"])
async def test_a_page_has_a_hundred_unless_the_query_says_otherwise(sessions, people, page, path):
    pks = [await an_incident(sessions, people.pks["nav"]) for _ in range(105)]
    first, next_, previous = await page(path)
    assert (first, previous) == (pks[:4:-1], None)
    rest, last, back = await page(next_)
    assert (rest, last) == (pks[4::-1], None)
    assert (await page(back))[0] == first
    for size, rows in (("10", 10), ("0", 100), ("-1", 100), ("x", 100), ("99999", 105)):
        assert len((await page(f"{path}?page_size={size}"))[0]) == rows


async def test_incidents_of_one_moment_come_once_each_while_others_are_added(sessions, people, page):
    nav = people.pks["nav"]
    old = {await an_incident(sessions, nav, minutes=number // 4) for number in range(12)}
    seen, url = [], f"{V2}?page_size=3"
    while url:
        rows, url, _ = await page(url)
        seen += rows
        await an_incident(sessions, nav, minutes=100)  # newer than all
        await an_incident(sessions, nav, minutes=1)  # among those of one moment
    assert len(seen) == len(set(seen))
    assert old <= set(seen)


async def test_one_can_turn_back_at_any_page(sessions, people, page):
    for number in range(10):
        await an_incident(sessions, people.pks["nav"], minutes=number // 3)
    pages, url = [], f"{V2}?page_size=4&open=true"
    while url:
        rows, url, previous = await page(url)
        pages.append(rows)
    assert [len(rows) for rows in pages] == [4, 4, 2]
    assert previous.startswith("http://argus.example.org/api/v2/incidents/?")
    assert "open=true" in previous
    back, _, first = await page(previous)
    assert back == pages[1]
    assert (await page(first))[0] == pages[0]


@pytest.mark.rule(80)
@pytest.mark.parametrize("path", [V2, f"{V2}mine/", f"{V2}events/", "/api/v3/incidents/"])
@pytest.mark.parametrize(
    "text", ["f1", "x1_2026-01-01T00:00:00+00:00", "f_", "f1_2026-01-01", "fa_2026-01-01T00:00:00+00:00", "f1_\x00", ""]
)
async def test_a_cursor_that_is_none_is_not_found(http, people, path, text):
    cursor = base64.urlsafe_b64encode(text.encode()).decode() or "zzz"
    response = await http.get(path, params={"cursor": cursor}, headers=people["alice"])
    assert (response.status_code, response.json()) == (404, {"detail": "Invalid cursor"})


@pytest.mark.parametrize(
    "text",
    [
        f"f{9**40}_2026-01-01T00:00:00+00:00",
        f"b-{9**40}_2026-01-01T00:00:00+00:00",
        "f1_0001-01-01T00:00:00+23:59",
        "b1_9999-12-31T23:59:59.999999-23:59",
        f"f{'9' * 5000}_2026-01-01T00:00:00+00:00",
    ],
)
async def test_a_cursor_from_beyond_is_no_fault(http, people, text):
    cursor = base64.urlsafe_b64encode(text.encode()).decode()
    for path in (V2, f"{V2}events/"):
        response = await http.get(path, params={"cursor": cursor}, headers=people["alice"])
        assert response.status_code in {200, 404}, response.text


async def test_all_events_come_page_by_page_newest_first(sessions, people, page):
    pk = await an_incident(sessions, people.pks["nav"])
    other = await an_incident(sessions, people.pks["nav"])
    pks = [
        await an_event(sessions, (pk, other)[number % 2], "OTH", people.pks["alice"], minutes=number // 3)
        for number in range(10)
    ]
    first, next_, previous = await page(f"{V2}events/?page_size=6")
    assert (first, previous) == (sorted(pks, reverse=True)[:6], None)
    rest, _, back = await page(next_)
    assert rest == sorted(pks, reverse=True)[6:]
    assert (await page(back))[0] == first


@pytest.mark.parametrize("what", ["events", "acks"])
async def test_very_many_events_or_acks_of_an_incident_are_linked(http, people, sessions, what):
    expiries = [NOON + timedelta(days=number) for number in range(5)]
    pk = await an_incident(sessions, people.pks["nav"], acked=expiries)
    whole = (await http.get(f"{V2}{pk}/{what}/", headers=people["alice"])).json()
    assert len(whole) == 5

    found, path = [], f"{V2}{pk}/{what}/?page_size=2"
    while path:
        response = await http.get(path, headers=people["alice"])
        found += response.json()
        path = response.links.get("next", {}).get("url")
    assert found == whole
    assert response.links["prev"]["url"].startswith("http://argus.example.org/api/v2/incidents/")
