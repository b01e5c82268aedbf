"""One wish for all incidents that fit a stored filter (specification 6.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_cli.errors import Failure
from argus_cli.incidents.api import Api, acting_as, in_words
from argus_database.configuration.filters import usable_filters
from argus_database.configuration.users import user_named
from argus_database.engine import Sessions, open_database
from argus_database.tables.profiles import FilterRow

PAGE = 1_000
"""Incidents that are asked for, or changed, at once."""
MOST_NAMED = 20
"""Filters of which a failure tells."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of each incident."""

    kind: str
    """`acks`, `events` or `ticket_url`."""
    payload: Mapping[str, Any]


@dataclass
class Result:
    """What became of the incidents that fit."""

    fitting: list[int]
    changed: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


async def fitting(where: Settings, filter_: str, username: str) -> list[int]:
    """Return the pks of the incidents that fit a filter that the user may use.

    Raises:
        Refused: there is no such user.
        Failure: there is no such filter, or the API refuses.
    """
    async with open_database(where.database_url) as sessions:
        async with sessions() as session:
            user = (await user_named(session, username)).id
            chosen = await _filter(session, user, username, filter_)
        return await _fitting(where, sessions, chosen)


async def change(where: Settings, username: str, wish: Wish, result: Result) -> None:
    """Do as a user what is wished with all incidents that fit; what became of each is in the result.

    Raises:
        Failure: the API refuses, or is away; what was done until then stays done.
    """
    async with open_database(where.database_url) as sessions:
        async with sessions() as session:
            user = (await user_named(session, username)).id
        async with acting_as(where, sessions, user) as api:
            for start in range(0, len(result.fitting), PAGE):
                await _change(api, wish, result.fitting[start : start + PAGE], result)


async def _filter(session: AsyncSession, user: int, username: str, named: str) -> FilterRow:
    """Return the filter of that name or pk that the user may use; its own come first.

    Raises:
        Failure: there is none, or more than one.
    """
    usable = await usable_filters(session, user)
    meant = [row for row in usable if named in {row.name, str(row.id)}]
    found = [row for row in meant if row.user_id == user] or meant
    if not found:
        raise Failure(f"There is no filter {named!r} that {username} may use.", _named(usable))
    if len(found) > 1:
        raise Failure(f"Several filters may be meant by {named!r}.", f"Say the pk of one. {_named(found)}")
    return found[0]


def _named(filters: Sequence[FilterRow]) -> str:
    """Return how filters are told apart, or that there are none."""
    names = [f"{row.id} ({row.name})" for row in filters[:MOST_NAMED]]
    more = ", ..." if len(filters) > MOST_NAMED else ""
    return f"There are {', '.join(names)}{more}." if names else "It has none, and none is public."


async def _fitting(where: Settings, sessions: Sessions, chosen: FilterRow) -> list[int]:
    """Return the pks of the incidents that fit, as the filter's owner is shown them."""
    found: list[int] = []
    if chosen.user_id is None:  # it has just been deleted
        return found
    async with acting_as(where, sessions, chosen.user_id) as api:
        query: dict[str, Any] | None = {"filter_pk": chosen.id, "page_size": PAGE}
        while query is not None:
            page = await api.get("incidents/", query)
            found += [incident["pk"] for incident in page["results"]]
            query = {**query, "cursor": _cursor(page["next"])} if page["next"] else None
    return found


def _cursor(link: str) -> str:
    return parse_qs(urlsplit(link).query)["cursor"][0]


async def _change(api: Api, wish: Wish, pks: list[int], result: Result) -> None:
    body = {"ids": pks, **wish.payload}
    answer = await api.post(f"incidents/{wish.kind}/bulk/", body, partly="changes")
    for pk in pks:
        errors = answer["changes"][str(pk)]["errors"]
        if errors:
            result.failed[pk] = in_words(errors)
        else:
            result.changed.append(pk)
