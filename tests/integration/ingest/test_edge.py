"""What arrives at the door: authentication, methods, bodies; rules 4, 7-10 of the specification."""

import pytest

from tests.eventually import eventually
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_says_nothing_gets_401_and_is_told_how(ingest: Ingest):
    answer = await ingest.create(None)

    assert answer.status_code == 401
    assert answer.json() == {"detail": "Authentication credentials were not provided."}
    assert answer.headers["www-authenticate"] == "Token"


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Token nonsense", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Basic abc", "Authentication credentials were not provided."),
    ],
)
async def test_a_wrong_token_gets_401(ingest: Ingest, header: str, detail: str):
    answer = await ingest.post("/api/v2/incidents/", {}, None, authorization=header)

    assert (answer.status_code, answer.json()) == (401, {"detail": detail})


async def test_a_body_that_is_no_json_gets_400(ingest: Ingest):
    for body in (b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'"\\ud800"', b"1" * 5000):
        answer = await ingest.post("/api/v2/incidents/", body)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("JSON parse error")


async def test_a_body_that_is_no_object_gets_400(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents/", [])

    assert answer.json() == {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}


async def test_another_type_of_body_gets_415(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents/", b"x", content_type="text/plain")

    assert (answer.status_code, answer.json()) == (415, {"detail": 'Unsupported media type "text/plain" in request.'})


async def test_a_form_is_understood(ingest: Ingest):
    pk = (await ingest.create()).json()["pk"]

    body = b"type=END&timestamp=2025-11-25T01%3A00%3A00Z&description=Box+up"
    answer = await ingest.post(
        f"/api/v2/incidents/{pk}/events/", body, content_type="application/x-www-form-urlencoded"
    )

    assert (answer.status_code, answer.json()["description"]) == (201, "Box up")


@pytest.mark.parametrize("part", [b"\r\n\r\n\xff", b"\r\nContent-Type: text/plain; charset=klingon\r\n\r\nx"])
async def test_a_part_that_is_no_text_gets_400(ingest: Ingest, part: bytes):
    body = b'--b\r\nContent-Disposition: form-data; name="start_time"' + part + b"\r\n--b--\r\n"
    answer = await ingest.post("/api/v2/incidents/", body, content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Multipart form parse error")


@pytest.mark.parametrize("host", ["a:b:c", "x:99999999", "["])
async def test_a_host_that_is_none_gets_400(ingest: Ingest, host: str):
    body = {"type": "END", "timestamp": "2025-11-25T01:00:00Z"}
    answer = await ingest.post("/api/v2/incidents/1/events/", body, host=host)

    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid host header"})


async def test_a_body_above_the_limit_gets_413(ingest: Ingest):
    answer = await ingest.create(description="x" * 300_000)

    assert answer.status_code == 413


async def test_another_method_gets_405(ingest: Ingest):
    answer = await ingest.client.put("/api/v2/incidents/", headers={"Authorization": f"Token {ingest.tokens['nav1']}"})

    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})
    assert "POST" in answer.headers["allow"]


async def test_a_missing_slash_is_redirected(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents?x=1", {})

    assert (answer.status_code, answer.headers["location"]) == (301, "/api/v2/incidents/?x=1")


async def test_an_unknown_path_gets_404(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents/open/", {})

    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_1_to_255_characters(ingest: Ingest, key: str):
    assert (await ingest.create(headers={"idempotency_key": key})).status_code == 400


async def test_all_is_well(ingest: Ingest):
    await eventually(lambda: all(check["ok"] for check in ingest.health.report()["checks"].values()))
