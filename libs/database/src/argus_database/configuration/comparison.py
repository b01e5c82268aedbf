"""Comparing what a compacted topic has with what the tables say, and publishing anew what differs.

Both go on changing meanwhile. What differs at a first look is looked at again: if neither the outbox has a newer
version of it nor the topic has got one since its row was read, everything that had been committed by then has been
published, and it is not what was committed. What is then published goes through the outbox like any change: it is read
anew under the lock of all writers, and gets a version above all.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.kinds import KINDS, Kind
from argus_database.configuration.owned import LARGEST_PK
from argus_database.engine import Sessions
from argus_domain.likeness import Held, Likeness, likeness
from argus_schemas.topics import Topic

MOST_AT_ONCE = 100
"""Documents that are in memory as a whole."""

EXPIRING = timedelta(minutes=1)
"""Tokens that expire so soon do not count: they vanish from their rows, and no document says so."""

_NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)


class How(StrEnum):
    """How a document on a topic is not as the tables say."""

    MISSING = "missing"
    OTHER = "other"
    """It says something else, or cannot be read."""
    UNCERTAIN = "uncertain"
    """Which of its records counts depends on what a reader has read before."""
    LEFT = "left"
    """Its row is gone."""


class Difference(NamedTuple):
    """A document that is not as the tables say."""

    key: str
    how: How


class Contents(Protocol):
    """What a topic has (`argus_runtime.contents.Contents`)."""

    @property
    def topic(self) -> Topic[Any]:
        """The topic."""

    @property
    def highest(self) -> int:
        """The highest version that any document had."""

    @property
    def documents(self) -> Mapping[str, Held]:
        """How each document stands there."""

    async def catch_up(self) -> None:
        """Take all that stands on the topic now."""


class Comparison:
    """Compares one topic with its tables, as they stand from `at` on."""

    def __init__(self, sessions: Sessions, contents: Contents, at: datetime) -> None:
        self._sessions = sessions
        self._contents = contents
        self._at = at
        self._kinds = [kind for kind in KINDS if kind.topic is contents.topic]
        self.compared = 0

    async def differences(self) -> AsyncGenerator[Sequence[Difference], None]:
        """Yield what differs, some at a time; the topic is read to its end first."""
        await self._contents.catch_up()
        suspects = await self._suspects()
        for first in range(0, len(suspects), MOST_AT_ONCE):
            if found := await self._confirmed(suspects[first : first + MOST_AT_ONCE]):
                yield found

    async def overtaken(self) -> bool:
        """Tell whether the topic has versions that the outbox has not given yet, as after a restore of older tables.

        Readers would ignore whatever is changed next.
        """
        async with self._sessions() as session:
            return await outbox.last_version(session) < self._contents.highest

    async def publish(self, found: Sequence[Difference] = ()) -> list[str]:
        """Put what differs into the outbox, with versions above all that the topic has; return the keys.

        Raises:
            Refused: a document has become larger than its topic takes.
        """
        async with self._sessions.begin() as session:
            await outbox.lock(session)
            await outbox.number_above(session, self._contents.highest)
            keys = [one.key for one in found]
            waiting = await outbox.waiting(session, self._contents.topic, keys)
            keys = [key for key in keys if key not in waiting]
            there: set[str] = set()
            for kind in self._kinds:
                there.update(await publish.documents_of(session, kind, kind.row.id.in_(_pks(kind, keys))))
            gone = [outbox.Document(self._contents.topic, key, None) for key in keys if key not in there]
            await outbox.put(session, gone)
            return keys

    async def _suspects(self) -> list[str]:
        """Return the keys of what differs at a first look."""
        documents = self._contents.documents
        left, suspects = set(documents), []
        for kind in self._kinds:
            async for rows in self._pages(kind):
                left.difference_update(rows)
                self.compared += len(rows)
                suspects += [key for key, row in rows.items() if _how(row, documents.get(key))]
        return [*suspects, *sorted(left)]

    async def _confirmed(self, keys: Sequence[str]) -> list[Difference]:
        before = [self._contents.documents.get(key) for key in keys]
        async with self._sessions() as session:
            rows: dict[str, Likeness] = {}
            for kind in self._kinds:
                rows |= await self._read(session, kind, kind.where(kind.row.id.in_(_pks(kind, keys))))
        async with self._sessions() as session:  # after the rows: what was committed with them is published by now
            waiting = await outbox.waiting(session, self._contents.topic, keys)
        await self._contents.catch_up()
        found = []
        for key, then in zip(keys, before, strict=True):
            held = self._contents.documents.get(key)
            if key not in waiting and held == then and (how := _how(rows.get(key), held)):
                found.append(Difference(key, how))
        return found

    async def _pages(self, kind: Kind) -> AsyncIterator[dict[str, Likeness]]:
        after = 0
        while True:
            async with self._sessions() as session:
                page = kind.where(kind.row.id > after).limit(MOST_AT_ONCE)
                rows = await self._read(session, kind, page)
            if not rows:
                return
            yield rows
            after = max(_pks(kind, rows))

    async def _read(self, session: AsyncSession, kind: Kind, statement: Select[Any]) -> dict[str, Likeness]:
        rows = (await session.scalars(statement)).unique().all()
        return {kind.key(row): likeness(kind.document(row), self._at) for row in rows}


def _how(row: Likeness | None, held: Held | None) -> How | None:
    """Return how a document differs from its row, if it does."""
    if held is None:
        return How.MISSING if row else None
    if row is None:
        return How.LEFT
    if held.likeness != row:
        return How.OTHER
    return None if held.certain else How.UNCERTAIN


def _pks(kind: Kind, keys: Sequence[str] | Mapping[str, Any]) -> list[int]:
    return list(_numbers(kind.word, keys))


def _numbers(word: str, keys: Sequence[str] | Mapping[str, Any]) -> Iterator[int]:
    for key in keys:
        name, _, number = key.partition(":")
        if name == word and _NUMBER.fullmatch(number) and int(number) <= LARGEST_PK:
            yield int(number)
