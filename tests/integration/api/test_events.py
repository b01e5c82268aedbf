"""Reading what happened: rules 109, 110, 117 and 121 of the specification."""

from urllib.parse import urlsplit

import pytest

from tests.builders import NOON
from tests.integration.api.rows import an_event, an_incident

V2 = "/api/v2/incidents/"


@pytest.mark.rule(110)
async def test_the_events_of_all_incidents_are_paged_newest_first(http, people, sessions):
    incidents = [await an_incident(sessions, people.pks["nav"]) for _ in range(2)]
    pks = [
        await an_event(sessions, incidents[number % 2], "OTH", people.pks["nav user"], minutes=number)
        for number in range(5)
    ]

    pages: list[list[int]] = []
    following: str | None = f"{V2}events/?page_size=2"
    while following:
        page = (await http.get(following, headers=people["alice"])).json()
        assert set(page) == {"next", "previous", "results"}
        pages.append([event["pk"] for event in page["results"]])
        address = urlsplit(page["next"] or "")
        following = f"{address.path}?{address.query}" if page["next"] else None

    newest = pks[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]


@pytest.mark.rule(109, 121)
@pytest.mark.parametrize("end", ["events/", "events/1/", "acks/", "acks/1/"])
async def test_an_unknown_incident_has_neither_events_nor_acks(http, people, end):
    answer = await http.get(f"{V2}999999/{end}", headers=people["alice"])

    assert (answer.status_code, answer.json()) == (404, {"detail": "No Incident matches the given query."})


@pytest.mark.rule(117)
async def test_an_ack_that_has_expired_is_listed_and_counts_no_more(http, people, sessions):
    pk = await an_incident(sessions, people.pks["nav"], acked=[NOON.replace(year=2020)])

    shown = (await http.get(f"{V2}{pk}/", headers=people["alice"])).json()
    acks = (await http.get(f"{V2}{pk}/acks/", headers=people["alice"])).json()

    assert shown["acked"] is False
    assert [ack["expiration"] for ack in acks] == ["2020-11-25T12:00:00Z"]
