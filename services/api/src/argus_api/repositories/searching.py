"""The newest incidents with certain words: how to find them depends on how many there are.

Along the time index the newest with a frequent word are found at once, and for a word that is nowhere all incidents
are looked at. Through the trigrams it is the other way round: a rare word is found at once, while all incidents with a
frequent one must be fetched and sorted. The planner's statistics are too coarse to choose well, so we look first:

1. The newest 2,000 that fit all but the words. If a page of them has the words, or there are no more, that is all.
2. If some have them, we go on along the time index, twice as far as their density asks for.
3. Else the words are rare, and the trigrams find all that have them.

A word without three letters or digits in a row has no trigrams. It is looked for among the next 50,000 that fit all
else; a page is then shorter than asked for, and its `next` goes on from there, so that nothing is left out.
"""

import re
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.pages import FIRST, Order, all_fitting, newest
from argus_api.repositories.where import Where
from argus_http.pagination import Cursor

LOOKED_AT = 2_000
LOOKED_AT_FOR_SHORT = 50_000
FEW = 3
"""Of 2,000: with no more, the trigrams are faster."""

_TRIGRAM = re.compile(r"[^\W_]{3}")


@dataclass(frozen=True, slots=True)
class Found:
    """The pks of a page and one more if there are more, in their order; `until` where the search stopped early."""

    pks: list[int]
    until: Cursor | None = None


async def search(session: AsyncSession, where: Where, order: Order, size: int) -> Found:
    """Return the first incidents in this order that fit and have the words."""
    where.values |= {"size": size + 1}
    if not any(map(_TRIGRAM.search, where.searched)):
        return await _search_short(session, where, order, size)
    looked_at, pks = await _sample(session, where, order)
    if len(pks) > size or looked_at < LOOKED_AT:
        return Found(pks[: size + 1])
    if len(pks) > FEW:
        where.values["look"] = 2 * LOOKED_AT * (size + 1) // len(pks)
        pks = await _walk(session, where, order)
        if len(pks) > size:
            return Found(pks)
    return Found(await _pks(session, where, all_fitting(where, order)))


async def _sample(session: AsyncSession, where: Where, order: Order) -> tuple[int, list[int]]:
    where.values["look"] = LOOKED_AT
    what = f"count(*), array_agg(id {order}) FILTER (WHERE hit)"
    statement = f"WITH walked AS MATERIALIZED ({_walked(where, order)}) SELECT {what} FROM walked"  # noqa: S608
    looked_at, pks = (await session.execute(text(statement), where.values)).one()
    return looked_at, pks or []


async def _walk(session: AsyncSession, where: Where, order: Order) -> list[int]:
    walked = _walked(where, order)
    return await _pks(session, where, f"SELECT id FROM ({walked}) walked WHERE hit {order} LIMIT :size")  # noqa: S608


async def _search_short(session: AsyncSession, where: Where, order: Order, size: int) -> Found:
    where.values["look"] = LOOKED_AT_FOR_SHORT
    pks = await _walk(session, where, order)
    if len(pks) > size:
        return Found(pks)
    last = f"SELECT start_time, id FROM ({newest(where, order, limit=':look')}) walked {order} OFFSET :look - 1"  # noqa: S608
    stopped = (await session.execute(text(last), where.values)).first()
    return Found(pks, None if stopped is None else Cursor(stopped[0], stopped[1], back=order.back))


async def _pks(session: AsyncSession, where: Where, statement: str) -> list[int]:
    return list(await session.scalars(text(statement), where.values))


def _walked(where: Where, order: Order) -> str:
    return newest(where, order, columns=f"{FIRST}, {' AND '.join(where.words)} AS hit", limit=":look")
