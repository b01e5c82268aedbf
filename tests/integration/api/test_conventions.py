"""What holds for every address (specification 2.1, 8.1)."""

import pytest

V2 = "/api/v2/incidents/"
EVERYTHING = "GET, POST, HEAD, OPTIONS"


@pytest.mark.rule(1)
async def test_versions_are_public(http):
    response = await http.get("/api/", headers={"Authorization": "Token wrong"})
    body = response.json()
    assert response.status_code == 200
    assert (body["server-version"], body["api-version"]) == ("2.10.2", {"stable": "v2"})
    assert body["jsonapi-schema"] == {"stable": "/api/schema/", "v2": "/api/v2/schema/", "v3": "/api/v3/schema/"}
    assert {"ticket_plugin", "destination_plugins"} <= body.keys()
    refused = await http.post("/api/")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.rule(2)
async def test_it_says_that_it_lives(http):
    for response in (await http.get("/.still-alive/"), await http.head("/.still-alive/")):
        assert (response.status_code, response.content) == (204, b"")


@pytest.mark.rule(3)
@pytest.mark.parametrize("path", ["/api/v1/incidents/", "/api/v1/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_v1_is_gone(http, path, method):
    response = await http.request(method, path)
    assert response.status_code == 410
    if method != "HEAD":
        assert response.json() == {"status_code": 410, "status": "API v1 has been removed"}


@pytest.mark.rule(4)
async def test_without_credentials_nobody_reads(http):
    response = await http.get(V2)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Token")
    assert response.json() == {"detail": "Authentication credentials were not provided."}


@pytest.mark.rule(5)
@pytest.mark.parametrize("path", ["/api/schema/", "/api/v2/schema/", "/api/v3/schema/"])
async def test_the_schema_is_public(http, path):
    response = await http.get(path, headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")


@pytest.mark.rule(6)
@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("status-code=999", 400), ("status-code=403", 403), ("status-code=404", 404), ("status-code=500", 500)],
)
async def test_errors_can_be_looked_at(http, people, query, status):
    response = await http.get(f"/.error/?{query}", headers=people["alice"])
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert (await http.get(f"/.error/?{query}")).status_code == 401


@pytest.mark.rule(7, 8)
@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Token x", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
    ],
)
async def test_a_wrong_token_is_told_why(http, header, detail):
    response = await http.get(V2, headers={"Authorization": header})
    assert (response.status_code, response.json()) == (401, {"detail": detail})
    assert response.headers["www-authenticate"] == "Token"


@pytest.mark.rule(9, 10)
@pytest.mark.parametrize(
    ("kind", "body", "status", "detail"),
    [
        ("text/plain", b"x", 415, 'Unsupported media type "text/plain" in request.'),
        ("application/json", b"{", 400, "JSON parse error - "),
        ("application/json", b"\xff", 400, "JSON parse error - "),
        ("application/json", b"[" * 200_000, 400, "JSON parse error - "),
        ("application/json", b'{"name": "\\ud800"}', 400, "JSON parse error - "),
    ],
)
async def test_a_body_that_cannot_be_read_is_told_why(http, people, kind, body, status, detail):
    headers = people["alice"] | {"content-type": kind}
    response = await http.post("/api/v2/incidents/source-types/", content=body, headers=headers)
    assert response.status_code == status
    assert response.json()["detail"].startswith(detail)


@pytest.mark.parametrize("number", ["-1", f"-{'9' * 30}", "+5", "1_0", "%D9%A3", "%205", "9" * 5000])
async def test_only_digits_are_the_number_of_something(http, people, number):
    for path in (
        f"{V2}{number}/", f"{V2}17/events/{number}/", f"{V2}sources/{number}/", f"/api/v2/auth/users/{number}/",
        f"/api/v2/notificationprofiles/{number}/", f"/api/v2/notificationprofiles/filters/{number}/",
        f"/api/v2/plannedmaintenance/{number}/", f"/api/v3/plannedmaintenance/{number}/incidents/",
        f"/api/v3/notificationprofiles/destinations/{number}/", f"/api//v2/incidents/{number}/",
    ):  # fmt: skip
        response = await http.get(path, headers=people["admin"])
        assert response.status_code == 404, (path, response.text)


@pytest.mark.rule(11)
async def test_a_word_where_a_number_belongs_is_not_found(http, people):
    response = await http.get(f"{V2}open/", headers=people["alice"])
    assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        (V2, EVERYTHING),
        (f"{V2}17/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        (f"{V2}17/acks/18/", "GET, PUT, PATCH, HEAD, OPTIONS"),
        (f"{V2}17/tags/a=1/", "GET, DELETE, HEAD, OPTIONS"),
        (f"{V2}events/", "GET, HEAD, OPTIONS"),
        ("/api/v2/notificationprofiles/destinations/17/", "GET, PATCH, DELETE, HEAD"),
        ("/api/v2/auth/user/", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_method_that_an_address_does_not_have_is_told_those_that_it_has(http, people, path, allow):
    response = await http.request("TRACE", path, headers=people["alice"])
    assert (response.status_code, response.headers["allow"]) == (405, allow)
    assert response.json() == {"detail": 'Method "TRACE" not allowed.'}
    assert (await http.request("TRACE", path)).status_code == 401


async def test_an_address_describes_itself_to_options(http, people):
    response = await http.options(f"{V2}17/acks/", headers=people["alice"])
    assert (response.status_code, response.headers["allow"]) == (200, EVERYTHING)
    assert response.json()["name"] == "Acks"
    assert "application/json" in response.json()["renders"]
    assert (await http.options(V2)).status_code == 401
    for path in ("notificationprofiles/destinations/", "notificationprofiles/media/", "plannedmaintenance/"):
        refused = await http.options(f"/api/v2/{path}", headers=people["alice"])
        assert (refused.status_code, refused.json()) == (405, {"detail": 'Method "OPTIONS" not allowed.'})


@pytest.mark.parametrize("path", [V2, "/api/v2/auth/user/", "/api/"])
async def test_head_is_get_without_a_body(http, people, path):
    response = await http.head(path, headers=people["alice"])
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["content-length"]) > 0
    assert (await http.head(f"{V2}acks/bulk/", headers=people["alice"])).status_code == 405


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json; indent=4", "application/json"),
        ("application/*;q=0.1", "application/json"),
        ("text/html, application/json", "application/json"),
        ("image/png, */*;q=0.1", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/*", "text/html; charset=utf-8"),
    ],
)
async def test_the_answer_has_the_form_that_is_accepted(http, people, accept, kind):
    response = await http.get("/api/v2/auth/user/", headers=people["alice"] | {"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, kind)
    assert "alice" in response.text


@pytest.mark.parametrize("accept", ["text/plain", "image/*", "nonsense", "application/xml;q=0.9"])
async def test_a_form_that_we_do_not_have_is_refused(http, people, accept):
    response = await http.get(V2, headers=people["alice"] | {"Accept": accept})
    assert (response.status_code, response.json()) == (406, {"detail": "Could not satisfy the request Accept header."})


async def test_the_query_may_choose_the_form(http, people):
    ask = "/api/v2/incidents/sources/?format="
    page = await http.get(f"{ask}api", headers=people["alice"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    as_json = await http.get(f"{ask}json", headers=people["alice"] | {"Accept": "text/html"})
    assert as_json.headers["content-type"] == "application/json"
    assert (await http.get(f"{ask}xml", headers=people["alice"])).json() == {"detail": "Not found."}


async def test_what_is_shown_on_a_page_is_no_markup(http, people):
    page = await http.get("/api/v2/incidents/?count=<script>", headers=people["alice"] | {"Accept": "text/html"})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_a_missing_slash_is_redirected_with_the_query(http):
    response = await http.get("/api/v2/incidents?open=true&search=%C3%A6")
    assert (response.status_code, response.headers["location"]) == (301, "/api/v2/incidents/?open=true&search=%C3%A6")


async def test_a_path_that_is_not_there_is_not_found(http, people):
    for path in ("/api/v2/nowhere/", "/nowhere", "/api/v3/incidents/17/acks/", "/api/v2/incidents/%00/"):
        response = await http.get(path, headers=people["alice"])
        assert (response.status_code, response.json()) == (404, {"detail": "Not found."}), path
