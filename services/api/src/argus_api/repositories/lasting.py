"""Incidents that have lasted for some time: those that ended after it, and those open since before it.

How many ended after so long the planner knows to a thousandth of all at best, and what is asked for may be a
thousandth of that. So some that began before it are looked at: if a few of them fit, so will some of the next; if not,
all that do are found by the index of what incidents lasted. Where all are asked for at once, to count them say, there
is nothing to choose.
"""

from datetime import timedelta

from argus_api.repositories.fragments import CLOSED, FOR_NOW, UNTIL
from argus_api.repositories.where import Where

LOOKED_AT = 2_000
FEW = 4
"""Of those looked at: with fewer, finding all that fit is faster than going along the time."""

_BEGAN = "{0}.start_time <= :now - CAST(:lasting AS interval)"
_LASTED = "{0}.ended_at - {0}.start_time >= CAST(:lasting AS interval)"
_ENDED = "FROM incidents l WHERE l.stateful AND l.ended_at IS NOT NULL"
_NEWEST = f"SELECT {_LASTED} AS fits {_ENDED} AND {_BEGAN} ORDER BY l.start_time DESC, l.id DESC LIMIT {LOOKED_AT}"
_FITTING = f"SELECT FROM ({_NEWEST}) newest WHERE fits LIMIT {FEW}".format("l")
_MANY = f"(SELECT count(*) FROM ({_FITTING}) fitting) = {FEW}"  # noqa: S608  built of constants
_AMONG = f"i.id = ANY(ARRAY(SELECT l.id {_ENDED} AND {_LASTED}))".format("l")
_CLOSED_AFTER = f"{CLOSED} AND {_BEGAN.format('i')} AND {_LASTED.format('i')}"


def lasted(where: Where, least: timedelta) -> None:
    """Ask for incidents that have lasted at least so long."""
    where.values["lasting"] = least
    where.apart = True
    still = (f"{FOR_NOW} AND {_BEGAN.format('i')}", None), (f"{UNTIL} AND {_BEGAN.format('i')}", where.now)
    newest = (f"{_MANY} AND {_CLOSED_AFTER}", where.now), (f"NOT {_MANY} AND {_AMONG} AND {CLOSED}", where.now)
    where.either(*still, *newest, together=(*still, (_CLOSED_AFTER, where.now)))
