"""The OpenAPI document of ingest says what is read and answered, and points at nothing that is not there."""

import json
import re

from argus_ingest.web.application import document

DOCUMENT = document()
TEXT = json.dumps(DOCUMENT)


def operations():
    return [
        (method, path, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_each_write_request_is_described():
    assert len(operations()) > 20
    for method, path, operation in operations():
        assert operation["description"], (method, path)
        reads = method != "delete" and not path.endswith(("automatic-ticket/", "heartbeat/"))
        assert ("requestBody" in operation) == reads, (method, path)


def test_each_reference_leads_somewhere():
    for name in re.findall(r'"#/components/schemas/([^"]+)"', TEXT):
        assert name in DOCUMENT["components"]["schemas"]


def test_paths_end_in_a_slash():
    assert all(path.endswith("/") for path in DOCUMENT["paths"] if path.startswith("/api/v"))


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))


def body_and_answer(method, path):
    operation = DOCUMENT["paths"][path][method]
    answer = next(told for status, told in operation["responses"].items() if status in {"200", "201"})
    return [told["content"]["application/json"]["schema"] for told in (operation["requestBody"], answer)]


def test_each_version_has_shapes_of_its_own():
    def named(name):
        return {"$ref": f"#/components/schemas/{name}"}

    assert body_and_answer("post", "/api/v2/incidents/") == [named("NewIncident"), named("IncidentShape")]
    assert body_and_answer("post", "/api/v3/incidents/") == [named("NewIncidentV3"), named("IncidentShapeV3")]
    assert body_and_answer("put", "/api/v3/incidents/{pk}/") == [named("IncidentChangesV3"), named("IncidentShapeV3")]
    assert body_and_answer("post", "/api/v2/incidents/{pk}/tags/") == [named("TagNameShape")] * 2
    assert [schema["type"] for schema in body_and_answer("post", "/api/v3/incidents/{pk}/tags/")] == ["array"] * 2
