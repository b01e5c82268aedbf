"""No body about accounts and sources is a fault: what is not accepted is refused with a reason."""
# ruff: noqa: E501  a table of bodies

import pytest

from argus_database.configuration.login_limits import Limits
from tests.integration.api.instance import an_api, client

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HUGE = b"9" * 5000
EVERY = ("username", "password", "name", "type", "base_url", "heartbeat_frequency")
VALUES = (
    b"null", b"true", b"[]", b"{}", b"[null]", b"1e308", b"-0", HUGE[:400], b'""', b'" "', rb'"\u0000"', rb'"\ud800"',
    b'"\xc3\x28"', b'"' + b"x" * 10_000 + b'"', b"[" * 5000 + b"]" * 5000, rb'"\u202e\uffff"', b'"9999999999:00"',
)  # fmt: skip
BODIES = (
    (JSON, b""), (JSON, b"{"), (JSON, b"null"), (JSON, b"1"), (JSON, b'"x"'), (JSON, b"NaN"), (JSON, b"\xff\xfe{}"),
    (JSON, b"[" * 100_000), (JSON, b'{"a":' * 100_000), (JSON, HUGE), (JSON, b'{"username": "' + b"x" * 300_000 + b'"}'),
    (FORM, b"username=%00&password=%ff"), (FORM, b"&".join(b"a=1" for _ in range(5000))), (FORM, b"\xff=\xff"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n"), ("multipart/form-data", b"x"), ("text/plain", b"x"), ("\xff", b"x"),
    *((JSON, b"{" + b", ".join(b'"%s": %s' % (name.encode(), value) for name in EVERY) + b"}") for value in VALUES),
)  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/token-auth/"),
        ("POST", "/api/v2/auth/token/login/"),
        ("POST", "/accounts/login/"),
        ("POST", "/api/v2/incidents/sources/"),
        ("POST", "/api/v3/incidents/sources/"),
        ("PUT", "/api/v2/incidents/sources/{nav}/"),
        ("POST", "/api/v2/incidents/source-types/"),
    ],
)
async def test_whatever_is_sent_is_no_fault(sessions, people, method, path):
    path = path.replace("{nav}", str(people.pks["nav"]))
    signed = {} if "login" in path or "token" in path else people["admin"]
    async with client(an_api(sessions, limits=Limits(10**6, 10**6, 10**6))) as http:
        for kind, body in BODIES:
            headers = [(b"content-type", kind.encode("latin-1")), *signed.items()]
            response = await http.request(method, path, content=body, headers=headers)
            assert response.status_code < 500, (kind, body[:200], response.text)
            assert response.json(), (kind, body[:200])
