"""Every endpoint of ingest answers each kind of caller as the table in tests/permissions.py says."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from itertools import count

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import update

from argus_database.configuration.sessions import open_session
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user, user_named
from argus_database.tables.accounts import UserRow
from argus_ingest.settings import Settings
from argus_ingest.web.application import HANDLERS
from tests.integration.ingest.conftest import opened
from tests.integration.ingest.site import MINIMAL, Ingest, Site
from tests.permissions import INGEST, ROLES, Line, changes, endpoints, filled, lines, template

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIQUE = count(1)
HOLDERS = {"source": "nav1", "superuser": "root"}
"""Accounts of the site; the others are called what they are."""


class Caller:
    """Sends each line as anybody."""

    def __init__(self, site: Site, ingest: Ingest) -> None:
        self._site = site
        self._ingest = ingest
        self._session: str | None = None

    async def answer(self, line: Line, path: str, role: str) -> int:
        """Return the status that a caller gets for a line."""
        made: dict[str, int] = {}
        make = partial(self._make, made=made)
        path = await filled(path, made, make)
        body = await filled(line.body, made, make)
        headers = {} if role == "anonymous" else {"Authorization": f"Token {self._token(role)}"}
        response = await self._ingest.client.request(line.method, path, json=body, headers=headers)
        assert response.status_code < 500, response.text
        return response.status_code

    async def browse(self, method: str, path: str) -> httpx.Response:
        """Send a request with nothing but a session's cookie."""
        if self._session is None:
            async with self._site.sessions.begin() as session:
                self._session = await open_session(session, (await user_named(session, "user")).id)
        headers = {"Cookie": f"sessionid={self._session}"}
        return await self._ingest.client.request(method, path, headers=headers)

    def _token(self, role: str) -> str:
        return self._site.tokens[HOLDERS.get(role, role)]

    async def _make(self, name, *, made):
        if name == "source":
            return self._site.pks["nav1"]
        if name == "incident":
            body = MINIMAL | {"tags": [{"tag": "a=1"}], "source_incident_id": f"p{next(UNIQUE)}"}
            return (await self._ingest.post("/api/v2/incidents/", body)).json()["pk"]
        seen = {"timestamp": "2025-11-25T01:00:00Z", "description": "seen"}
        return (await self._ingest.post(f"/api/v2/incidents/{made['incident']}/acks/", seen)).json()["pk"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(shared_settings: Settings) -> AsyncIterator[Caller]:
    """An ingest and a store with one account of each kind, for all lines."""
    async with opened(shared_settings) as site:
        async with site.sessions.begin() as session:
            for role in ("user", "other", "staff", "expired"):
                await add_user(session, role)
            await session.execute(update(UserRow).where(UserRow.username == "staff").values(is_staff=True))
        for role in ("user", "other", "staff", "expired"):
            async with site.sessions.begin() as session:
                expires = timedelta(days=-1) if role == "expired" else None
                site.tokens[role] = await create_token(session, role, expires=expires, kind="drf")
        async with site.store(), site.ingest() as ingest:
            yield Caller(site, ingest)


@pytest.mark.parametrize("line", lines(INGEST), ids=lambda line: line.name)
async def test_each_kind_of_caller_is_answered_as_the_table_says(caller, line):
    for path in line.paths():
        assert {role: await caller.answer(line, path, role) for role in ROLES} == line.answers


async def test_the_table_has_a_line_for_each_endpoint():
    there = {
        template(method, path) for handler in HANDLERS for method in handler.http_methods for path in handler.paths
    }
    assert endpoints(INGEST) == there, "see tests/permissions.py"


async def test_everything_that_a_browser_may_change_asks_for_its_csrf_token(caller):
    refused = (403, {"detail": "CSRF Failed: CSRF token missing."})
    for method, path in changes(INGEST):
        response = await caller.browse(method, path)
        assert (response.status_code, response.json()) == refused, (method, path)
