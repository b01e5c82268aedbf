"""The ticket of an incident, set by hand or opened by a plugin: rules 95 and 96 of the specification."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from argus_tickets import TicketSettings
from tests.contract.tickets.behaviours import answers
from tests.contract.tickets.systems import SYSTEMS, System
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "https://tickets.example.org/9"


async def made(ingest: Ingest, **fields: Any) -> int:
    answer = await ingest.create(**fields)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["pk"])


async def set_to(ingest: Ingest, pk: int, body: Any, version: str = "v2", **headers: str) -> tuple[int, Any]:
    answer = await ingest.send("PUT", f"/api/{version}/incidents/{pk}/ticket_url/", body, "alice", **headers)
    return answer.status_code, answer.json()


async def opened(ingest: Ingest, pk: int, who: str = "alice") -> tuple[int, Any]:
    answer = await ingest.send("PUT", f"/api/v2/incidents/{pk}/automatic-ticket/", None, who)
    return answer.status_code, answer.json()


@pytest.mark.rule(95)
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_a_ticket_is_set_with_one_event_and_the_same_one_with_none(ingest: Ingest, version: str):
    pk = await made(ingest)

    first = await set_to(ingest, pk, {"ticket_url": URL}, version)
    same = await set_to(ingest, pk, {"ticket_url": URL}, version)

    assert first == same == (200, {"ticket_url": URL})
    assert await ingest.changes(pk) == [("CHI", "alice", f'Change: "ticket_url":  → {URL}')]


@pytest.mark.parametrize("url", ["", "no address at all", "/relative"])
async def test_a_ticket_may_be_any_text_and_none(ingest: Ingest, url: str):
    pk = await made(ingest, ticket_url=URL)

    assert await set_to(ingest, pk, {"ticket_url": url}) == (200, {"ticket_url": url})


REQUIRED = {"ticket_url": ["This field is required."]}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, REQUIRED),
        ({"url": URL}, REQUIRED),
        ({"ticket_url": None}, {"ticket_url": ["This field may not be null."]}),
        ({"ticket_url": ["x"]}, {"ticket_url": ["Not a valid string."]}),
        ({"ticket_url": "a\x00"}, {"ticket_url": ["Null characters are not allowed."]}),
        ({"ticket_url": "x" * 8001}, {"ticket_url": ["Ensure this field has no more than 8000 characters."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
async def test_a_ticket_without_an_address_is_refused(ingest: Ingest, body: Any, errors: Any):
    pk = await made(ingest, ticket_url=URL)

    assert await set_to(ingest, pk, body) == (400, errors)
    assert await ingest.changes(pk) == []


@pytest.mark.parametrize("end", ["ticket_url/", "automatic-ticket/"])
async def test_an_unknown_incident_has_no_ticket(ingest: Ingest, end: str):
    answer = await ingest.send("PUT", f"/api/v2/incidents/999999/{end}", {"ticket_url": URL})

    assert (answer.status_code, answer.json()) == (404, {"detail": "No Incident matches the given query."})


async def test_who_does_not_wait_is_answered_as_it_was_said(ingest: Ingest):
    pk = await made(ingest)

    assert await set_to(ingest, pk, {"ticket_url": URL}, prefer="respond-async") == (202, {"ticket_url": URL})


@pytest.mark.rule(96)
async def test_without_a_plugin_none_is_opened_and_the_one_that_is_there_is_shown(ingest: Ingest):
    with_ticket, without = await made(ingest, ticket_url=URL), await made(ingest)

    assert await opened(ingest, with_ticket) == (200, {"ticket_url": URL})
    assert await opened(ingest, without) == (
        400,
        'No path to ticket plugin can be found in the settings. Please update the setting "TICKET_PLUGIN".',
    )


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest_asyncio.fixture(loop_scope="module")
async def github(no_proxy: None) -> AsyncIterator[System]:
    async with SYSTEMS["github"]().running() as system:
        yield system


@asynccontextmanager
async def configured(ingest: Ingest, system: System, **changes: Any) -> AsyncIterator[Ingest]:
    settings = system.settings()
    named = {name: getattr(settings, name) for name in TicketSettings.model_fields} | changes
    async with ingest.site.ingest(**named) as other:
        yield other


@pytest.mark.rule(96)
async def test_a_plugin_opens_one_ticket_which_the_incident_keeps(ingest: Ingest, github: System):
    async with configured(ingest, github, base_url="https://argus.example.org/") as ticketing:
        pk = await made(ticketing, description="Box down")

        answers = [await opened(ticketing, pk) for _ in range(2)]

        assert answers == [(200, {"ticket_url": github.page})] * 2
        assert await ticketing.changes(pk) == [("CHI", "alice", f'Change: "ticket_url":  → {github.page}')]
        assert len(github.bodies) == 1
        assert "Box down" in str(github.bodies)
        assert f"https://argus.example.org/incidents/{pk}" in str(github.bodies)


async def test_two_who_ask_at_once_get_the_same_ticket(ingest: Ingest, github: System):
    async with configured(ingest, github) as ticketing:
        pk = await made(ticketing)

        answers = await asyncio.gather(*(opened(ticketing, pk) for _ in range(5)))

        assert answers == [(200, {"ticket_url": github.page})] * 5
        assert len(github.bodies) == 1


@pytest.mark.rule(96, changed="6.14")
@pytest.mark.parametrize(("status", "answered"), [(500, 503), (422, 403), (200, 502)])
async def test_a_ticket_system_that_fails_leaves_the_incident_as_it_was(
    ingest: Ingest, github: System, status: int, answered: int
):
    github.behaviour = answers(status, {"message": "no"})
    async with configured(ingest, github) as ticketing:
        pk = await made(ticketing)

        code, text = await opened(ticketing, pk)

        assert code == answered
        assert isinstance(text, str)
        assert await ticketing.changes(pk) == []


async def test_settings_that_name_no_plugin_there_is_are_a_fault_of_ours(ingest: Ingest, github: System):
    async with (
        configured(ingest, github, ticket_plugin="nonesuch") as unknown,
        configured(ingest, github, ticket_endpoint="") as incomplete,
    ):
        pk = await made(ingest)

        assert (await opened(unknown, pk))[0] == 502
        assert (await opened(incomplete, pk))[0] == 400
