"""One table says which methods each address has, and both services serve just those."""

from collections import defaultdict

import pytest

from argus_api.application import HANDLERS as OF_API
from argus_http.resources import RESOURCES, resource_at
from argus_ingest.web.application import HANDLERS as OF_INGEST
from argus_schemas.routing import is_ingest

BESIDE = ("/api/v1", "/api/ingest", "/api/schema", "/api/v2/schema", "/api/v3/schema", "/.", "/accounts")
"""What is no resource of the API, or is answered without its conventions."""


def served(handlers):
    found: dict[str, set[str]] = defaultdict(set)
    for handler in handlers:
        for path in handler.paths:
            if not path.startswith(BESIDE):
                words = [_placeholder(word) for word in path.split("/")]
                found["/".join(words)] |= {str(method) for method in handler.http_methods} - {"OPTIONS"}
    return found


def _placeholder(word):
    return ("{pk}" if word.endswith(":int}") else "{text}") if word.startswith("{") else word


def test_the_table_has_the_methods_of_both_services():
    of_both: dict[str, set[str]] = defaultdict(set)
    for handlers in (OF_API, OF_INGEST):
        for path, methods in served(handlers).items():
            of_both[path] |= methods
    table = {path.rstrip("/"): set(each.methods) - {"HEAD", "OPTIONS"} for path, each in RESOURCES.items()}
    assert dict(of_both) == table


def test_each_request_is_routed_to_the_service_that_serves_it():
    of_api, of_ingest = served(OF_API), served(OF_INGEST)
    for path, resource in RESOURCES.items():
        example = path.replace("{pk}", "17").replace("{text}", "a=b")
        for method in resource.methods - {"HEAD", "OPTIONS"}:
            serving = of_ingest if is_ingest(method, example) else of_api
            assert method in serving[path.rstrip("/")], (method, path)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v2/incidents/", "/api/v2/incidents/"),
        ("/api/v2/incidents/17/acks/18/", "/api/v2/incidents/{pk}/acks/{pk}/"),
        ("/api/v3/incidents/17/tags/a=17/", "/api/v3/incidents/{pk}/tags/{text}/"),
        (
            "/api/v2/notificationprofiles/media/sms/json_schema/",
            "/api/v2/notificationprofiles/media/{text}/json_schema/",
        ),
        ("/api/v2/incidents/sources/heartbeat/", "/api/v2/incidents/sources/heartbeat/"),
    ],
)
def test_a_path_is_found_by_its_shape(path, template):
    found = resource_at(path)
    assert found is not None
    assert found.path == template


@pytest.mark.parametrize("path", ["/", "", "/api/v2/nowhere/", "/api/v2/incidents/open/", "/api/v2/incidents/\u0661/"])
def test_a_path_that_is_none_is_not_found(path):
    assert resource_at(path) is None
