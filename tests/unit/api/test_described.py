"""The OpenAPI document of api tells what configuration looks like, and points at nothing that is not there."""

import json
import re

import pytest

from argus_api.application import own_document

DOCUMENT = own_document()
PATHS, SCHEMAS = DOCUMENT["paths"], DOCUMENT["components"]["schemas"]
ROOT = "/api/v2/notificationprofiles/"
TASKS = "/api/v2/plannedmaintenance/"
V3 = ("/api/v3/notificationprofiles/", "/api/v3/plannedmaintenance/", "/api/v3/auth/user/quiet/")


def body_of(operation):
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return SCHEMAS[reference.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("path", "required"),
    [
        (f"{ROOT}filters/", {"name"}),
        (f"{ROOT}timeslots/", {"name", "time_recurrences"}),
        (f"{ROOT}destinations/", {"media", "settings"}),
        (ROOT, {"timeslot", "filters"}),
        (TASKS, {"filters"}),
        ("/api/v3/notificationprofiles/date-lists/", {"name", "dates"}),
    ],
)
def test_what_a_new_thing_needs_is_required_and_what_a_change_names_is_not(path, required):
    assert set(body_of(PATHS[path]["post"])["required"]) == required
    change = body_of(PATHS[f"{path}{{pk}}/"]["patch"])
    assert not change.get("required")
    assert required <= set(change["properties"])


def test_a_preview_takes_the_conditions_of_a_filter():
    assert "maxlevel" in body_of(PATHS[f"{ROOT}filterpreview/"]["post"])["properties"]
    assert body_of(PATHS[f"{ROOT}filters/"]["post"])["properties"]["filter"] == {
        "$ref": "#/components/schemas/ConditionsBody"
    }


def test_an_answer_is_described_by_its_type():
    shown = PATHS[f"{ROOT}timeslots/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"items": {"$ref": "#/components/schemas/Timeslot"}, "type": "array"}


@pytest.mark.parametrize(
    ("path", "shape", "more"),
    [
        ("notificationprofiles/", "Profile", {"damping", "escalation"}),
        ("notificationprofiles/timeslots/", "Timeslot", {"exceptions"}),
        ("plannedmaintenance/", "Maintenance", {"repeats", "tell_after"}),
    ],
)
def test_v3_tells_what_it_shows_and_takes_beyond_v2(path, shape, more):
    for version, suffix, told in (("v2", "", set()), ("v3", "V3", more)):
        listing, one = PATHS[f"/api/{version}/{path}"], PATHS[f"/api/{version}/{path}{{pk}}/"]
        schema = listing["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema["items"] == {"$ref": f"#/components/schemas/{shape}{suffix}"}
        assert more & set(SCHEMAS[shape + suffix]["properties"]) == told
        for body in (body_of(listing["post"]), body_of(one["patch"])):
            assert more & set(body["properties"]) == told


@pytest.mark.parametrize(
    ("method", "path", "codes", "required"),
    [
        ("post", "/api/v2/token-auth/", {"200", "400", "429", "503"}, {"username", "password"}),
        ("post", "/api/v2/auth/token/login/", {"200", "403", "429", "503"}, {"username", "password"}),
        ("post", "/accounts/login/", {"204", "400", "403", "429", "503"}, {"username", "password"}),
        ("post", "/api/v3/incidents/sources/", {"201", "400", "401", "403", "503"}, {"name", "type"}),
        ("patch", "/api/v2/incidents/sources/{pk}/", {"200", "400", "403", "404"}, set()),
        ("post", "/api/v2/incidents/source-types/", {"201", "400", "401"}, {"name"}),
    ],
)
def test_requests_about_accounts_and_sources_say_what_they_need_and_what_may_be_answered(method, path, codes, required):
    operation = PATHS[path][method]
    assert codes <= set(operation["responses"])
    assert set(body_of(operation).get("required", ())) == required


@pytest.mark.parametrize("path", [path for path in sorted(PATHS) if path.startswith((ROOT, TASKS, *V3))])
def test_each_request_about_configuration_says_what_it_does_and_how_it_may_be_refused(path):
    for method, operation in PATHS[path].items():
        assert operation["description"]
        assert {"401", "503"} <= set(operation["responses"])
        assert ("requestBody" in operation) == (method in {"post", "put", "patch"})


def test_each_reference_leads_somewhere_and_paths_end_in_a_slash():
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)):
        assert name in SCHEMAS
    bare = {path for path in PATHS if not path.endswith("/")}
    assert bare == {"/api/v2/auth/token/logoutall"}
