"""The services that take, keep and show incidents, as processes, and the `argus` command in front of them."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import func, select

from argus_cli.main import main
from argus_database.engine import Sessions
from argus_database.tables.accounts import SourceRow, SourceTypeRow, TokenRow, UserRow
from argus_database.tables.incidents import EventRow, IncidentRow, IncidentTagRow
from tests.stack import Stack


@dataclass
class System:
    stack: Stack
    url: str
    sessions: Sessions

    async def argus(self, *words: str, code: int = 0, **environment: str) -> Result:
        """Run the command; fail the test where it ends otherwise."""
        known = {**self.stack.environment, "ARGUS_URL": self.url, **environment}
        result = await asyncio.to_thread(CliRunner().invoke, main, list(words), env=known)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    async def argus_json(self, *words: str, **options: Any) -> Any:
        return json.loads((await self.argus(*words, "--json", **options)).stdout)

    async def made(self) -> dict[str, int]:
        """Return how many rows there are of all that a command may make."""
        kinds = (IncidentRow, EventRow, SourceRow, SourceTypeRow, UserRow, TokenRow)
        async with self.sessions() as session:
            return {
                kind.__tablename__: await session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds
            }

    async def incident(self, pk: int) -> IncidentRow:
        async with self.sessions() as session:
            return await session.get_one(IncidentRow, pk)

    async def source(self, pk: int) -> tuple[str, str]:
        """Return the name and type of an incident's source."""
        async with self.sessions() as session:
            row = await session.get_one(SourceRow, (await session.get_one(IncidentRow, pk)).source_id)
            return row.name, row.type

    async def tags(self, pk: int) -> list[str]:
        found = select(IncidentTagRow).where(IncidentTagRow.incident_id == pk)
        async with self.sessions() as session:
            return sorted(f"{row.key}={row.value}" for row in await session.scalars(found))

    async def events(self, pk: int) -> list[tuple[str, str, str]]:
        """Return type, actor and text of an incident's events, oldest first."""
        found = (
            select(EventRow.type, UserRow.username, EventRow.description)
            .join(UserRow, UserRow.id == EventRow.actor_id)
            .where(EventRow.incident_id == pk)
            .order_by(EventRow.id)
        )
        async with self.sessions() as session:
            return [(type_, who, text) for type_, who, text in await session.execute(found)]
