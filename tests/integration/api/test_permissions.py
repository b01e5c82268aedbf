"""Every endpoint of api answers each kind of caller as the table in tests/permissions.py says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
import pytest_asyncio
from sqlalchemy import delete, update

from argus_api.application import HANDLERS
from argus_database.configuration.date_lists import add_date_list
from argus_database.configuration.destinations import add_destination
from argus_database.configuration.filters import add_filter
from argus_database.configuration.login_limits import Limits
from argus_database.configuration.maintenance import add_maintenance
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.sources import add_source
from argus_database.configuration.timeslots import add_timeslot
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.engine import open_database
from argus_database.tables.accounts import TokenRow, UserRow
from argus_database.tables.incidents import AckRow
from argus_schemas.configuration import Filter
from tests.integration.api.instance import an_api, bearing, client
from tests.integration.api.rows import an_event, an_incident
from tests.permissions import API, ROLES, endpoints, filled, lines, template

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIQUE = count(1)


class Things:
    """What requests are about: a new one for each."""

    def __init__(self, sessions, pks, http):
        self._sessions = sessions
        self._pks = pks
        self._http = http

    async def answer(self, line, path, role):
        """Return the status that a caller gets for a line."""
        made: dict[str, int] = {}
        make = partial(self._make, role=role, made=made)
        path = await filled(path, made, make)
        body = await filled(line.body, made, make)
        headers = await self._headers(role, line.key)
        response = await self._http.request(line.method, path, json=body, headers=headers)
        assert response.status_code < 500, response.text
        return response.status_code

    async def _headers(self, role, kind):
        if role == "anonymous":
            return {}
        async with self._sessions.begin() as session:
            # There are more lines than a user may have tokens.
            await session.execute(delete(TokenRow).where(TokenRow.user_id == self._pks["users"][role]))
            if role == "expired":
                return bearing(await create_token(session, role, expires=timedelta(days=-1), kind="drf"))
            lasting = timedelta(hours=1) if kind == "knox" else None
            return bearing(await create_token(session, role, expires=lasting, kind=kind))

    async def _make(self, name, *, role, made):
        if name in {"unique", "text"}:
            return next(UNIQUE)
        if name == "tomorrow":
            return (datetime.now(UTC) + timedelta(days=1)).isoformat()
        if name in {"user", "source"}:
            return self._pks[name]
        if name == "incident":
            return await an_incident(self._sessions, self._pks["source"], tags=("a=1",))
        if name in {"event", "ack"}:
            return await self._event(name, made["incident"])
        whose = role if name.startswith("my ") and role in self._pks["users"] else "user"
        return await self._owned(name.removeprefix("my "), self._pks["users"][whose])

    async def _event(self, name, incident):
        pk = await an_event(self._sessions, incident, "OTH" if name == "event" else "ACK", self._pks["user"])
        if name == "ack":
            async with self._sessions.begin() as session:
                session.add(AckRow(event_id=pk, incident_id=incident))
        return pk

    async def _owned(self, kind, user):
        async with self._sessions.begin() as session:
            make = getattr(self, "_" + kind.replace(" ", "_"))
            return (await make(session, user, f"x{next(UNIQUE)}")).id

    async def _filter(self, session, user, name):
        return await add_filter(session, user, name, Filter(open=True))

    async def _public_filter(self, session, user, name):
        return await add_filter(session, user, name, Filter(open=True), public=True)

    async def _timeslot(self, session, user, name):
        return await add_timeslot(session, user, name, [])

    async def _date_list(self, session, user, name):
        return await add_date_list(session, user, name, [])

    async def _destination(self, session, user, name):
        address = {"email_address": f"{name}@example.org"}
        return await add_destination(session, user, "email", address, encrypt=lambda text, _: text)

    async def _profile(self, session, user, name):
        filter_, timeslot = await self._filter(session, user, name), await self._timeslot(session, user, name)
        return await add_profile(session, user, timeslots=[timeslot.id], filters=[filter_.id], name=name)

    async def _task(self, session, user, name):
        filter_ = await self._filter(session, user, name)
        starts = datetime.now(UTC) + timedelta(days=1)
        return await add_maintenance(session, user, filters=[filter_.id], starts_at=starts)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def things(postgres_server, migrated_database) -> AsyncIterator[Things]:
    """An api with one user of each kind, for all lines."""
    database = postgres_server.create(template=migrated_database)
    async with open_database(postgres_server.url_of(database)) as sessions:
        async with sessions.begin() as session:
            source = await add_source(session, "source", "nav")
            users = {"source": source.user_id}
            for role in ROLES[2:]:
                users[role] = (await add_user(session, role, is_superuser=role == "superuser")).id
            await add_user(session, "carol", password="pw")
            await session.execute(update(UserRow).where(UserRow.id == users["staff"]).values(is_staff=True))
        pks = {"source": source.id, "user": users["user"], "users": users}
        async with client(an_api(sessions, limits=Limits(1000, 1000, 1000))) as http:
            yield Things(sessions, pks, http)
    postgres_server.drop(database)


@pytest.mark.parametrize("line", lines(API), ids=lambda line: line.name)
async def test_each_kind_of_caller_is_answered_as_the_table_says(things, line):
    for path in line.paths():
        assert {role: await things.answer(line, path, role) for role in ROLES} == line.answers


async def test_the_table_has_a_line_for_each_endpoint():
    there = {
        template(method, path)
        for handler in HANDLERS
        for method in handler.http_methods
        for path in handler.paths
        if not path.startswith("/api/v1")
    }
    assert endpoints(API) - {("GET", "/api/v1"), ("POST", "/api/v1/{}")} == there, "see tests/permissions.py"
