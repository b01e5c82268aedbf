"""From a record to what became of it: appended, then read back when the store has announced that it has it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from argus_ingest.appending import Log
from argus_ingest.ids import Ids
from argus_ingest.metrics import ANSWERS, WAITED_SECONDS
from argus_ingest.readmodel.lookups import Lookups
from argus_ingest.readmodel.positions import Positions, Word
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.identity import other_request
from argus_ingest.web.refusals import refusal
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Place
from argus_schemas.records import Acknowledge, Create, Happened, Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")

SECONDS_FOR_THE_LOG = 4.8
"""For ids and Kafka's confirmation together: no broker, no answer but 503, within five seconds."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Gives records their ids, appends them, and waits for the store for `within` seconds."""

    ids: Ids
    log: Log
    positions: Positions
    lookups: Lookups
    within: float

    async def accept(self, make: Callable[[list[int]], R], pks: int, *, wait: bool) -> tuple[R, Fate | None]:
        """Append the record that `make` makes of `pks` new ids; return it and its fate, None where it is not known yet.

        Raises:
            LogUnavailable: Kafka has not confirmed the record, which may still appear.
            ApiError: the record was refused, by the fold's reason, or its id belongs to another request.
        """
        try:
            async with asyncio.timeout(SECONDS_FOR_THE_LOG):
                record = make(await self.ids.take(pks))
                await self._refuse_other(record)
                place = await self.log.append(record)
        except TimeoutError:
            raise LogUnavailable("Kafka did not answer in time") from None
        fate = await self._fate(record, place) if wait else None
        ANSWERS.labels("stored" if fate else "early" if wait else "async").inc()
        if fate is not None:
            check(record, fate)
        return record, fate

    async def _refuse_other(self, record: Record) -> None:
        """Refuse another request under a key that is known to be used.

        Once appended, it would be dropped by the store alone: the matcher knows the ids of one incident, and the other
        request may be about another one.
        """
        if record.digest is not None and (fate := await unless_away(self.lookups.fate(record.event_id))):
            check_same(record, fate)

    async def _fate(self, record: Record, place: Place) -> Fate | None:
        with WAITED_SECONDS.time():
            word = await self.positions.passed(place, self.within)
            if word is Word.DID and (own := own_fate(record)):
                return own
            return await unless_away(self.lookups.fate(record.event_id)) if word else None


def own_fate(record: Record) -> Fate | None:
    """Return the fate of a record that did what it says; None where that depends on the incident."""
    match record:
        case Create():
            return Fate(record.event_pk, record.incident_pk, "applied", "", record.digest, None)
        case Happened() | Acknowledge() if record.incident is not None:
            expires_at = record.expires_at if isinstance(record, Acknowledge) else None
            return Fate(record.event_pk, record.incident.pk, "applied", "", record.digest, expires_at)
    return None


async def unless_away(answer: Awaitable[T]) -> T | None:
    """Return the answer, or None while PostgreSQL is away."""
    try:
        return await answer
    except Unreachable:
        return None


def check(record: Record, fate: Fate) -> None:
    """Raise what a caller is told whose record was refused, or is another one under a key used before."""
    check_same(record, fate)
    if fate.what == "refused":
        raise refusal(fate.reason, record)


def check_same(record: Record, fate: Fate) -> None:
    """Raise 422 where the fate is that of another request under the same key."""
    if record.digest is not None and fate.digest is not None and record.digest != fate.digest:
        raise other_request()
