"""How many incidents fit: exactly where that is soon known, otherwise as a sample of all of them tells.

An exact count reads what it counts, which for a frequent word among millions takes seconds. So PostgreSQL is given a
fraction of a second for it; if that is not enough, some thousand incidents, always the same, are looked at instead.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.where import Where
from argus_database.failures import Failure, failure

SAMPLED_PAGES = 2_000
"""Of the table, with about 30 incidents each, for an error of two or three hundredths where many fit."""

DIGITS = 3
"""As many of an estimate are told: more would say what nobody knows."""

LONGEST_MILLISECONDS = 2**31 - 1
"""That PostgreSQL knows."""

_WITHIN = text("SELECT set_config('statement_timeout', :milliseconds, true)")
_PAGES = text("SELECT pg_relation_size('incidents') / current_setting('block_size')::int")


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, or about how many."""

    number: int
    estimated: bool = False


async def count(session: AsyncSession, where: Where, within: timedelta) -> Count:
    """Return how many incidents fit, exactly if that takes PostgreSQL less than `within`.

    The session must have written nothing: what took too long ends its transaction.
    """
    number = await _in_time(session, where, within)
    return Count(await _estimated(session, where), estimated=True) if number is None else Count(number)


async def _in_time(session: AsyncSession, where: Where, within: timedelta) -> int | None:
    number = None
    try:
        await session.execute(_WITHIN, {"milliseconds": str(_milliseconds(within))})
        number = await _exactly(session, where)
        # A timeout of the last moment breaks off the statement after: this one, and not somebody else's.
        await session.execute(_WITHIN, {"milliseconds": "0"})
    except DBAPIError as error:
        if failure(error) is not Failure.SLOW:
            raise
        await session.rollback()
    return number


def _milliseconds(within: timedelta) -> int:
    return max(1, min(within // timedelta(milliseconds=1), LONGEST_MILLISECONDS))  # 0 would be for ever


async def _exactly(session: AsyncSession, where: Where) -> int:
    conditions = [str(where)] if where.words else where.alternatives(together=True)
    each = [f"(SELECT count(*) FROM incidents i WHERE {condition})" for condition in conditions]  # noqa: S608
    found: int = (await session.execute(text(f"SELECT {' + '.join(each)}"), where.values)).scalar_one()
    return found


async def _estimated(session: AsyncSession, where: Where) -> int:
    pages = (await session.execute(_PAGES)).scalar_one()
    percent = 100 * min(1.0, SAMPLED_PAGES / max(1, pages))
    sample = f"FROM incidents i TABLESAMPLE SYSTEM (:percent) REPEATABLE (0) WHERE {where}"
    found = await session.execute(text(f"SELECT count(*) {sample}"), where.values | {"percent": percent})
    number = round(found.scalar_one() * 100 / percent)
    return int(round(number, DIGITS - len(str(number))))
