"""Whatever the OpenAPI document lets one send, and what it does not: the answer is one that it tells, and never 5xx."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from argus_api.application import document
from tests.one_loop import of_each_module
from tests.stack import Servers, Stack, tokens_of_superusers

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
DOCUMENT = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations() if isinstance(found, Ok)}
GIVES_UP_TOKENS = ("auth/token/logout", "auth/refresh-token", "token-auth")
"""What takes the token away that the other requests need."""
AT = "2026-11-20T12:00:00Z"


@dataclass(frozen=True)
class World:
    """Where everything is, who asks, and what there is to ask for."""

    url: str
    callers: tuple[str, ...]
    known: dict[str, dict[str, Any]]
    """By the beginning of a path: values of its parameters."""
    spare: str

    def parameters(self, path: str) -> dict[str, Any]:
        found = max((each for each in self.known if path.startswith(each)), key=len, default="")
        return self.known.get(found, {})


@of_each_module
async def world(stack: Stack, servers: Servers, url: str) -> AsyncIterator[World]:
    source = await stack.source("documented")
    token, spare = await tokens_of_superusers(servers, "documented-admin", "documented-spare")
    async with httpx.AsyncClient(base_url=url, timeout=15) as client:

        async def make(path: str, body: Any, who: str = token) -> int:
            answer = await client.post(f"/api/v2/{path}", json=body, headers={"Authorization": f"Token {who}"})
            assert answer.status_code == 201, answer.text
            return int(answer.json()["pk"])

        profiles = "notificationprofiles/"
        incident = await make("incidents/", {"start_time": AT, "tags": [{"tag": "a=1"}]}, source.token)
        event = await make(f"incidents/{incident}/events/", {"type": "OTH", "timestamp": AT}, source.token)
        ack = await make(f"incidents/{incident}/acks/", {"timestamp": AT})
        filter_ = await make(f"{profiles}filters/", {"name": "f", "filter": {"open": True, "tags": ["a=1"]}})
        recurrences = [{"days": [1], "start": "08:00", "end": "16:00"}]
        slot = await make(f"{profiles}timeslots/", {"name": "t", "time_recurrences": recurrences})
        mail = {"media": "email", "settings": {"email_address": "a@example.org"}}
        destination = await make(f"{profiles}destinations/", mail)
        profile = await make(profiles, {"timeslot": slot, "filters": [filter_], "destinations": [destination]})
        task = await make("plannedmaintenance/", {"filters": [filter_]})
    known: dict[str, dict[str, Any]] = {
        "incidents/": {"pk": incident, "event_pk": event, "ack_pk": ack, "tag": "a=1"},
        "incidents/sources/": {"pk": source.pk},
        "incidents/source-types/": {"name": "nav"},
        "auth/users/": {"pk": 1},
        f"{profiles}": {"pk": profile},
        f"{profiles}filters/": {"pk": filter_},
        f"{profiles}timeslots/": {"pk": slot},
        f"{profiles}destinations/": {"pk": destination},
        f"{profiles}media/": {"slug": "email"},
        "plannedmaintenance/": {"pk": task},
    }
    both = {f"/api/{version}/{path}": values for path, values in known.items() for version in ("v2", "v3")}
    yield World(url, (source.token, token), both, spare)
    await _end_maintenance(url, token)


async def _end_maintenance(url: str, token: str) -> None:
    """Take away what would keep the people of other tests from being told."""
    headers = {"Authorization": f"Token {token}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v2/plannedmaintenance/", headers=headers, timeout=15) as client:
        for task in (await client.get("")).json():
            answer = await client.delete(f"{task['pk']}/")
            assert answer.status_code in {204, 400}, answer.text  # 400: it is over


def send(operation: Any, world: World, examples: int) -> None:
    """Send what the document allows and what it does not, to what is there and to what is not; check each answer."""
    callers = (world.spare,) if any(word in operation.path for word in GIVES_UP_TOKENS) else world.callers
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    known = {name: value for name, value in world.parameters(operation.path).items() if f"{{{name}}}" in operation.path}

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases, caller=st.sampled_from(callers), there=st.booleans())
    def ask(case: Any, caller: str, there: bool) -> None:
        if there:
            case.path_parameters.update(known)
        case.call_and_validate(
            base_url=world.url, headers={"Authorization": f"Token {caller}"}, checks=CHECKS, timeout=30
        )

    ask()


@pytest.mark.parametrize("label", OPERATIONS)
async def test_each_answer_is_one_that_the_document_tells(world: World, label: str):
    await asyncio.to_thread(send, OPERATIONS[label], world, 5)


@pytest.mark.long
@pytest.mark.parametrize("label", OPERATIONS)
async def test_each_of_many_answers_is_one_that_the_document_tells(world: World, label: str):
    await asyncio.to_thread(send, OPERATIONS[label], world, 200)
