"""Bodies of requests: whatever a multipart form says of its charsets, it is text that can be kept, or a 400."""

from typing import Any

import pytest
from litestar import Litestar, Request, post
from litestar.testing import TestClient

from argus_http import errors
from argus_http.bodies import content


@post("/", status_code=200)
async def echo(request: Request[Any, Any, Any]) -> Any:
    return await content(request)


def sent(charset: str, value: bytes) -> Any:
    part = f'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n'
    app = Litestar([echo], exception_handlers=errors.HANDLERS, logging_config=None, openapi_config=None)
    with TestClient(app, raise_server_exceptions=False) as client:
        return client.post(
            "/",
            content=part.encode() + value + b"\r\n--b--\r\n",
            headers={"content-type": "multipart/form-data; boundary=b"},
        )


def test_a_part_is_read_in_its_charset():
    assert sent("latin-1", b"\xe6").json() == {"a": "æ"}


@pytest.mark.parametrize(
    ("charset", "value"),
    [
        ("utf-8", b"\xff"),
        ("klingon", b"x"),
        ("zip", b"x"),
        ("idna", b"\x80"),
        ("undefined", b"x"),
        ("utf-7", b"+2AA-"),
        ("unicode_escape", rb"\ud800"),
    ],
)
def test_a_part_that_is_no_text_gets_400(charset: str, value: bytes):
    answer = sent(charset, value)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Multipart form parse error")
