"""The API in this process, asked without a network: what a request costs in the server."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import delete, event, text

from argus_api.application import create_app
from argus_api.background import credentials
from argus_api.context import Context
from argus_api.database import Database
from argus_api.logins import Logins
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.engine import READS, Sessions, open_database
from argus_database.tables.accounts import UserRow
from argus_runtime.health import Check
from argus_runtime.secrets import Secrets

Statement = tuple[str, Any]


class Taken(NamedTuple):
    """Milliseconds of an answer: on the clock, and of processors, which a busy machine does not lengthen."""

    wall: float
    processor: float


def _busy(pids: Iterable[str]) -> float:
    """Return for how many milliseconds processes have had a processor (Linux; elsewhere 0)."""
    accounts = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return sum(int(account.read_text().split()[0]) / 1e6 for account in accounts if account.exists())


class Server:
    """The API, asked by a user of its own."""

    def __init__(self, sessions: Sessions, key: str) -> None:
        database = Database(sessions, Check("postgres", required=True))
        context = Context(
            database, credentials(database), Logins(database), ZoneInfo("UTC"), Secrets([b"k" * 32]).encrypt
        )
        self._app = create_app(context)
        self._sessions = sessions
        self._engine = sessions.kw["bind"].sync_engine
        self._headers = [(b"host", b"argus.example.org"), (b"authorization", f"Token {key}".encode())]

    async def get(self, path: str, query: bytes = b"") -> bytes:
        """Return the body of an answer that must be 200."""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "", "headers": self._headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "extensions": {},
        }  # fmt: skip
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self._app(scope, receive, send)  # type: ignore[arg-type]
        assert said[0]["status"] == 200, said
        return b"".join(message["body"] for message in said[1:])

    async def measured(self, path: str, query: bytes, times: int) -> list[Taken]:
        """Return what each of several answers took."""
        await self.get(path, query)
        pids = await self._servers_pids()
        taken = []
        for _ in range(times):
            began, busy = time.perf_counter(), _busy(pids)
            await self.get(path, query)
            taken.append(Taken((time.perf_counter() - began) * 1000, _busy(pids) - busy))
        return taken

    async def _servers_pids(self) -> list[str]:
        """Return the processes that work on an answer: this one, and those of PostgreSQL that talk to it."""
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'argus' AND datname = current_database()"
        async with self._sessions() as session:
            return ["self", *map(str, await session.scalars(text(asked)))]

    async def cursor(self) -> str:
        """Return a cursor some pages from the first."""
        found = msgspec.json.decode(await self.get("/api/v2/incidents/", b"page_size=300"))["next"]
        return str(found).rpartition("cursor=")[2].replace("%3D", "=")

    @contextmanager
    def statements(self) -> Iterator[list[Statement]]:
        """Collect the statements of a block, with the values in them."""
        executed: list[Statement] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
            executed.append((statement, values))

        event.listen(self._engine, "before_cursor_execute", note)
        try:
            yield executed
        finally:
            event.remove(self._engine, "before_cursor_execute", note)


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[Server]:
    """Give the API on the database at `url`."""
    async with open_database(url, settings=READS) as sessions:
        async with sessions.begin() as session:
            await session.execute(delete(UserRow).where(UserRow.username == "reader"))  # of a run before
            await add_user(session, "reader")
            key = await create_token(session, "reader")
        yield Server(sessions, key)
