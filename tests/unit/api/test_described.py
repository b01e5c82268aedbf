"""The API's document tells what bodies look like, with all that they are made of in its place."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide

from argus_api.application import HANDLERS
from argus_api.context import Context

ROOT = "/api/v2/notificationprofiles"


@pytest.fixture(scope="module")
def paths() -> Any:
    async def api() -> Context | None:
        return None

    return Litestar(HANDLERS, dependencies={"api": Provide(api)}).openapi_schema.to_schema()["paths"]


def body_of(operation: Any) -> Any:
    return operation["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    ("path", "required"),
    [
        (f"{ROOT}/filters", ["name"]),
        (f"{ROOT}/timeslots", ["name", "time_recurrences"]),
        (f"{ROOT}/destinations", ["media", "settings"]),
        (ROOT, ["timeslot", "filters"]),
        ("/api/v2/plannedmaintenance", ["filters"]),
    ],
)
def test_what_a_new_thing_needs_is_required_and_what_a_change_names_is_not(paths, path, required):
    assert body_of(paths[path]["post"])["required"] == required
    change = body_of(paths[f"{path}/{{pk}}"]["patch"])
    assert "required" not in change
    assert set(required) <= set(change["properties"])


def test_a_filter_in_a_body_is_described_where_it_stands(paths):
    conditions = body_of(paths[f"{ROOT}/filters"]["post"])["properties"]["filter"]
    assert set(conditions["properties"]) == set(body_of(paths[f"{ROOT}/preview"]["post"])["properties"])
    assert "$ref" not in str(conditions)
    assert "#/$defs" not in str(paths)


def test_an_answer_is_described_by_its_type(paths):
    shown = paths[f"{ROOT}/timeslots"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"items": {"$ref": "#/components/schemas/Timeslot"}, "type": "array"}
