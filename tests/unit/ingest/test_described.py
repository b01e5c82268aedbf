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
