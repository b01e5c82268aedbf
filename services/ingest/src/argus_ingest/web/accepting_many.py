"""From many records to what became of each: appended together, and their fates read in one question."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from argus_ingest.appending import Log
from argus_ingest.metrics import ANSWERS, WAITED_SECONDS
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.accepting import SECONDS_FOR_THE_LOG, Acceptance, check_same, unless_away
from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka import Partition, Place
from argus_schemas.records import FIELDS_THAT_CHANGE, Change, Record

R = TypeVar("R", bound=Record)

AT_ONCE = 200
"""Records made or appended between two looks at what else there is to do."""

Makers = Sequence[Callable[[list[int]], R]]
Claim = Callable[[list[int]], Change]


@dataclass(frozen=True, slots=True)
class Accepted(Generic[R]):
    """A record and its fate, None where it is not known yet; or why the log does not take it."""

    record: R
    fate: Fate | None
    too_large: RecordTooLarge | None = None


async def accept_many(
    acceptance: Acceptance, makers: Makers[R], pks: int, *, wait: bool, claim: Claim | None = None
) -> list[Accepted[R]]:
    """Append what each of `makers` makes of `pks` new ids, and return what became of each; all have different keys.

    A request under its caller's own key has a `claim`: a record that changes nothing goes before the others and has the
    request's id, whatever incidents they are about, so that another request under the key is recognised.

    Raises:
        LogUnavailable: Kafka has not confirmed all of the records; each may still appear.
        ApiError: an id belongs to another request; then nothing was appended.
    """
    try:
        async with asyncio.timeout(SECONDS_FOR_THE_LOG):
            ids = await acceptance.ids.take(pks * len(makers) + len(FIELDS_THAT_CHANGE) * (claim is not None))
            claims = [] if claim is None else [claim(ids[pks * len(makers) :])]
            records = await _made(makers, ids, pks)
            everything: list[Record] = [*claims, *records]
            await _refuse_others(acceptance, everything)
            places = await _append(acceptance.log, everything)
    except TimeoutError:
        raise LogUnavailable("Kafka did not answer in time") from None
    fates = await _fates(acceptance, everything, places) if wait else {}
    ANSWERS.labels("stored" if fates else "early" if wait else "async").inc()
    for record in everything:
        if fate := fates.get(record.event_id):
            check_same(record, fate)
    found = zip(records, places[len(claims) :], strict=True)
    return [Accepted(record, fates.get(record.event_id), _too_large(place)) for record, place in found]


def _too_large(place: Place | RecordTooLarge) -> RecordTooLarge | None:
    return place if isinstance(place, RecordTooLarge) else None


async def _made(makers: Makers[R], ids: list[int], pks: int) -> list[R]:
    records = []
    for number, make in enumerate(makers):
        records.append(make(ids[number * pks : (number + 1) * pks]))
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
    return records


async def _refuse_others(acceptance: Acceptance, records: Sequence[Record]) -> None:
    """Refuse another request under a key that is known to be used, as a single record is."""
    named = [record for record in records if record.digest is not None]
    known = await unless_away(acceptance.lookups.many.fates([record.event_id for record in named])) if named else None
    for record in named if known else ():
        if known and (fate := known.get(record.event_id)):
            check_same(record, fate)


async def _append(log: Log, records: Sequence[Record]) -> list[Place | RecordTooLarge]:
    under_way: list[asyncio.Future[Place]] = []
    for number, record in enumerate(records):
        under_way.append(await log.send(record))
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
    places: list[Place | RecordTooLarge] = []
    for place in await asyncio.gather(*under_way, return_exceptions=True):
        if isinstance(place, BaseException) and not isinstance(place, RecordTooLarge):
            raise place
        places.append(place)
    return places


async def _fates(
    acceptance: Acceptance, records: Sequence[Record], places: Sequence[Place | RecordTooLarge]
) -> Mapping[UUID, Fate]:
    last: dict[Partition, Place] = {}
    for place in places:
        if isinstance(place, Place) and place.offset >= last.get(place.partition, place).offset:
            last[place.partition] = place
    with WAITED_SECONDS.time():
        passed = await asyncio.gather(*(acceptance.positions.passed(each, acceptance.within) for each in last.values()))
        if not all(passed):
            return {}
        found = await unless_away(acceptance.lookups.many.fates([record.event_id for record in records]))
    return found or {}
