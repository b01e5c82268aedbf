"""From the rows of PostgreSQL to the states and positions of a matcher."""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_cli.errors import UNAVAILABLE, Failure
from argus_cli.lag import of_store
from argus_cli.rebuilding.places import Standing, check_passed_over, check_stopped, places, standings
from argus_cli.rebuilding.states import States, present
from argus_database.engine import Sessions, open_database
from argus_database.remembered import remembered
from argus_runtime.errors import Fenced
from argus_runtime.kafka import Kafka
from argus_schemas.topics import NOTIFICATIONS

Progress = Callable[["Rebuilt"], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a matcher is to be rebuilt."""

    replace: bool = False
    """Whether states that the topic has are replaced too, and those of other incidents forgotten."""
    skip: bool = False
    """Whether events may be told to nobody."""
    dry_run: bool = False
    closed_for: timedelta = timedelta()
    """Incidents that were closed so long ago are remembered too."""


@dataclass(slots=True)
class Rebuilt:
    """What was written, or would be."""

    standings: list[Standing] = field(default_factory=list)
    written: int = 0
    kept: int = 0
    """States that the topic has already."""
    forgotten: int = 0
    told: int = 0
    """Destinations that are to hear of an end."""

    def facts(self) -> dict[str, Any]:
        """Return what `--json` shows."""
        return asdict(self) | {"standings": [standing.facts() for standing in self.standings]}


async def rebuild(where: Settings, wish: Wish, progress: Progress) -> Rebuilt:
    """Write the states that the topic does not have, and set the positions of the matchers to the store's.

    Raises:
        Failure: a matcher is at work, the store is behind, or events would be told to nobody.
    """
    async with open_database(where.database_url, application="argus matcher") as sessions, Kafka(where) as kafka:
        await check_stopped(kafka)
        states = States(kafka, await places(kafka))
        try:
            if not wish.dry_run:
                await states.start()
            await _check_told(kafka, sessions)
            async with sessions() as session:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                return await _rebuilt(kafka, session, states, wish, progress)
        except Fenced:
            raise Failure("A matcher was started meanwhile: stop it, and try again.") from None


async def _rebuilt(kafka: Kafka, session: AsyncSession, states: States, wish: Wish, progress: Progress) -> Rebuilt:
    done = Rebuilt(await standings(kafka, session, states.places))
    check_passed_over(done.standings, skip=wish.skip)
    async for key, state in _changes(session, await present(kafka), wish, done):
        if not wish.dry_run:
            await states.put(key, state)
        progress(done)
    if not wish.dry_run:
        await states.finish(done.standings)
    return done


async def _changes(
    session: AsyncSession, known: set[bytes], wish: Wish, done: Rebuilt
) -> AsyncIterator[tuple[bytes, bytes | None]]:
    """Yield the states that the topic is to have beside those that it has, and count them; None: it is to have none."""
    async for state in remembered(session, wish.closed_for):
        key = state.incident.key.encode()
        if key in known and not wish.replace:
            done.kept += 1
            continue
        known.discard(key)
        done.written += 1
        done.told += len(state.told)
        yield key, state.to_bytes()
    for key in known if wish.replace else ():
        done.forgotten += 1
        yield key, None


async def _check_told(kafka: Kafka, sessions: Sessions) -> None:
    """Return if the rows tell of all notifications that the matcher has ordered."""
    if many := (await of_store(NOTIFICATIONS)(kafka, sessions)).records:
        raise Failure(
            f"The store has still to read {many} notifications, which tell who is to hear of an end.",
            "Start the store, and try again when `argus status` says that it is not behind.",
            UNAVAILABLE,
        )
