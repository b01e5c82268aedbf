"""Incidents made up to try things with (specification 6.2.1)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_cli.errors import MISUSED, Failure
from argus_cli.incidents.api import acting_as
from argus_cli.incidents.files import json_object
from argus_database.configuration.own import OWN, own_source
from argus_database.configuration.sources import add_source
from argus_database.engine import open_database
from argus_database.tables.accounts import SourceRow
from argus_schemas.words import Level

LARGEST_NUMBER = 2**32 - 1
KINDS: dict[str, tuple[type, str]] = {
    "description": (str, "text"),
    "level": (int, "number"),
    "tags": (list, "list of `key=value`"),
    "source": (str, "text"),
    "source_type": (str, "text"),
    "stateful": (bool, "true or false"),
    "metadata": (object, "JSON"),
}
"""What a file may have, and of what kind it is; the API checks the values."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an incident shall be; what is not said is made up."""

    description: str | None = None
    level: int | None = None
    tags: tuple[str, ...] = ()
    """Instead of those that are made up."""
    source: str | None = None
    """By name; made where it is missing."""
    source_type: str | None = None
    stateful: bool = True
    metadata: Any = field(default_factory=dict)


async def create(
    where: Settings, wishes: Iterable[Wish], chance: Random, tell: Callable[[dict[str, Any]], None]
) -> None:
    """Create incidents and tell of each, as the API shows it.

    The user `argus` creates them, also those of other sources: a source that is silent stays silent.
    """
    async with open_database(where.database_url) as sessions:
        async with sessions.begin() as session:
            own = await own_source(session)
            pairs = [(wish, await _source(session, wish, own)) for wish in wishes]
        async with acting_as(where, sessions, own.user_id) as api:
            for wish, source in pairs:
                others = {} if source.id == own.id else {"source": source.id}
                tell(await api.post("incidents/", _body(wish, chance) | others))


def wish_in(file: Path) -> Wish:
    """Return the wish in a JSON file.

    Raises:
        Failure: it cannot be read, or holds something else.
    """
    said = {name: value for name, value in json_object(file).items() if value is not None}
    if strange := sorted(set(said) - set(KINDS)):
        raise Failure(f"{file} has {', '.join(strange)}.", f"It may have {', '.join(KINDS)}.", MISUSED)
    for name, value in said.items():
        kind, word = KINDS[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Failure(f"{file}: {name} is no {word}.", code=MISUSED)
    return Wish(**said | {"tags": tuple(said.get("tags", ()))})


async def _source(session: AsyncSession, wish: Wish, own: SourceRow) -> SourceRow:
    if wish.source is None:
        return own
    found = select(SourceRow).where(SourceRow.name == wish.source).order_by(SourceRow.type)
    if wish.source_type is not None:
        found = found.where(SourceRow.type == wish.source_type.lower())
    sources = (await session.scalars(found)).all()
    if len(sources) > 1:
        types = ", ".join(source.type for source in sources)
        raise Failure(f"Several sources are named {wish.source!r}.", f"Say of which type: {types}.")
    return sources[0] if sources else await add_source(session, wish.source, wish.source_type or OWN)


def _body(wish: Wish, chance: Random) -> dict[str, Any]:
    number = chance.randint(1, LARGEST_NUMBER)
    kind = "Incident" if wish.stateful else "Incident (stateless)"
    tags = wish.tags or ("location=argus", f"object={number}", "problem_type=test")
    return {
        "start_time": datetime.now(UTC).isoformat(),
        "end_time": "infinity" if wish.stateful else None,
        "source_incident_id": str(number),
        "description": wish.description or f'{kind} #{number} created via "create_fake_incident"',
        "level": wish.level or chance.choice([*Level]).value,
        "tags": [{"tag": tag} for tag in tags],
        "metadata": wish.metadata,
    }
