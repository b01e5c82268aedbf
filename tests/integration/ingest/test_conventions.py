"""What holds for every address holds for those of ingest, too (specification 2.1)."""

import pytest

from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

V2 = "/api/v2/incidents/"


def as_source(ingest: Ingest, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Token {ingest.tokens['nav1']}"} | headers


async def test_a_method_that_an_address_does_not_have_is_told_those_that_it_has(ingest: Ingest):
    for method, path, allow in (
        ("DELETE", V2, "GET, POST, HEAD, OPTIONS"),
        ("POST", f"{V2}17/ticket_url/", "PUT, OPTIONS"),
        ("PUT", f"{V2}17/events/", "GET, POST, HEAD, OPTIONS"),
        ("DELETE", f"{V2}events/bulk/", "POST, OPTIONS"),
        ("GET", f"{V2}sources/heartbeat/", "POST, OPTIONS"),
    ):
        answer = await ingest.client.request(method, path, headers=as_source(ingest))
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
        assert answer.json() == {"detail": f'Method "{method}" not allowed.'}
        assert (await ingest.client.request(method, path)).status_code == 401


async def test_a_form_that_we_do_not_have_is_refused_before_anything_is_done(ingest: Ingest):
    answer = await ingest.client.post(V2, json={}, headers=as_source(ingest, Accept="text/plain"))
    assert (answer.status_code, answer.json()) == (406, {"detail": "Could not satisfy the request Accept header."})


@pytest.mark.rule(9)
async def test_a_body_of_another_type_is_refused(ingest: Ingest):
    answer = await ingest.client.post(V2, content=b"x", headers=as_source(ingest, **{"content-type": "text/plain"}))
    assert (answer.status_code, answer.json()) == (415, {"detail": 'Unsupported media type "text/plain" in request.'})


async def test_a_browser_is_shown_a_page(ingest: Ingest):
    answer = await ingest.client.post(V2, json={}, headers=as_source(ingest, Accept="text/html"))
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "This field is required." in answer.text


async def test_a_missing_slash_is_redirected(ingest: Ingest):
    answer = await ingest.client.post("/api/v2/incidents?a=b", json={}, headers=as_source(ingest))
    assert (answer.status_code, answer.headers["location"]) == (301, "/api/v2/incidents/?a=b")
