"""The newest incidents with certain words: how to find them depends on how many there are.

Along the time index the newest with a frequent word are found at once, and for a word that is nowhere all incidents
are looked at. Through the trigrams it is the other way round: a rare word is found at once, while all incidents with a
frequent one must be fetched and sorted. The planner's statistics are too coarse to choose well, so we look first:

1. The newest thousand that fit all but the words. If a page of them has the words, or there are no more, that is all.
2. If some have them, the others of the page are probably not far: trigrams and time together, as far back as twice the
   density of the first thousand asks for.
3. Else the words are rare, and the trigrams find all that have them.

A word without three letters or digits in a row has no trigrams. It is looked for among the next 50,000 that fit all
else; a page is then shorter than asked for, and its `next` goes on from there, so that nothing is left out.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.pages import FIRST, Order, all_fitting, newest
from argus_api.repositories.where import Where
from argus_http.pagination import Cursor

LOOKED_AT = 1_000
LOOKED_AT_FOR_SHORT = 50_000
FEW = 3
"""Of a thousand: with no more, the density says too little."""

_TRIGRAM = re.compile(r"[^\W_]{3}")


@dataclass(frozen=True, slots=True)
class Found:
    """The pks of a page and one more if there are more, in their order; `until` where the search stopped early."""

    pks: list[int]
    until: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What the first incidents of a list say."""

    looked_at: int
    first: datetime | None
    last: datetime | None
    pks: list[int]

    def reach(self, wanted: int) -> datetime | None:
        """Return how far one should look for `wanted` with the words; None: nobody knows."""
        if len(self.pks) <= FEW or self.first is None or self.last is None:
            return None
        try:
            return self.first + (self.last - self.first) * (2 * wanted / len(self.pks))
        except OverflowError:
            return None


async def search(session: AsyncSession, where: Where, order: Order, size: int) -> Found:
    """Return the first incidents in this order that fit and have the words."""
    where.values |= {"size": size + 1}
    if not any(map(_TRIGRAM.search, where.searched)):
        return await _search_short(session, where, order, size)
    sample = await _look(session, where, order)
    if len(sample.pks) > size or sample.looked_at < LOOKED_AT:
        return Found(sample.pks[: size + 1])
    reach = sample.reach(size + 1)
    if reach is not None:
        where.values["reach"] = reach
        pks = await _pks(
            session, where, all_fitting(where, order, f"i.start_time {'<=' if order.back else '>='} :reach")
        )
        if len(pks) > size:
            return Found(pks)
    return Found(await _pks(session, where, all_fitting(where, order)))


async def _look(session: AsyncSession, where: Where, order: Order) -> Sample:
    where.values["look"] = LOOKED_AT
    walked = newest(where, order, columns=f"{FIRST}, {_words(where)} AS hit", limit=":look")
    what = f"count(*), min(start_time), max(start_time), array_agg(id {order}) FILTER (WHERE hit)"
    statement = f"WITH walked AS MATERIALIZED ({walked}) SELECT {what} FROM walked"  # noqa: S608
    looked_at, oldest, newest_, pks = (await session.execute(text(statement), where.values)).one()
    first, last = (oldest, newest_) if order.back else (newest_, oldest)
    return Sample(looked_at, first, last, pks or [])


async def _search_short(session: AsyncSession, where: Where, order: Order, size: int) -> Found:
    where.values["look"] = LOOKED_AT_FOR_SHORT
    walked = newest(where, order, columns=f"{FIRST}, {_words(where)} AS hit", limit=":look")
    pks = await _pks(session, where, f"SELECT id FROM ({walked}) walked WHERE hit {order} LIMIT :size")  # noqa: S608
    if len(pks) > size:
        return Found(pks)
    last = f"SELECT start_time, id FROM ({newest(where, order, limit=':look')}) walked {order} OFFSET :look - 1"  # noqa: S608
    stopped = (await session.execute(text(last), where.values)).first()
    return Found(pks, None if stopped is None else Cursor(stopped[0], stopped[1], back=order.back))


async def _pks(session: AsyncSession, where: Where, statement: str) -> list[int]:
    return list(await session.scalars(text(statement), where.values))


def _words(where: Where) -> str:
    return " AND ".join(where.words)
