"""What no path about incidents lets anybody do: rules 111 and 121 of the specification."""

import asyncio

import pytest

from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = [
    ("DELETE", "v2/incidents/{pk}/acks/{event}/", "GET, PUT, PATCH, HEAD, OPTIONS"),
    *(
        (method, "v2/incidents/{pk}/events/{event}/", "GET, HEAD, OPTIONS")
        for method in ("PUT", "PATCH", "DELETE")
    ),
    ("PUT", "v2/incidents/", "GET, POST, HEAD, OPTIONS"),
    ("DELETE", "v3/incidents/mine/", "GET, POST, HEAD, OPTIONS"),
    ("POST", "v2/incidents/{pk}/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
    ("POST", "v3/incidents/{pk}/ticket_url/", "PUT, OPTIONS"),
    ("PATCH", "v2/incidents/{pk}/tags/a=1/", "GET, DELETE, HEAD, OPTIONS"),
    ("PUT", "v2/incidents/acks/bulk/", "POST, OPTIONS"),
]  # fmt: skip


@pytest.mark.rule(111, 121)
@pytest.mark.parametrize(("method", "path", "allowed"), REFUSED)
async def test_other_methods_are_refused_with_those_that_are_allowed(
    ingest: Ingest, method: str, path: str, allowed: str
):
    place = "/api/" + path.format(pk=1, event=2)

    known, unknown = await asyncio.gather(
        ingest.send(method, place, {}, "alice"), ingest.send(method, place, {}, who=None)
    )

    assert (known.status_code, known.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
    assert known.headers["allow"] == allowed
    assert unknown.status_code == 401
