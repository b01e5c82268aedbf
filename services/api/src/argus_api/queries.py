"""The query of a list of incidents, parameter by parameter (specification 2.5.1)."""

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from argus_api.repositories.fragments import FOR_NOW
from argus_api.repositories.lasting import lasted
from argus_api.repositories.where import Where
from argus_http import moments
from argus_http.errors import invalid
from argus_http.fields import NUL
from argus_http.tags import BAD_TEXT

BOOLEANS = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}
"""Any other text counts as if it were not there."""

NO_NUMBER = "Enter a number."
NO_MOMENT = "Enter a valid date/time."
LARGEST_NUMBER = 10**15
MOST_WORDS = 100
"""To search for: each is looked for in each text."""
MOST_MINUTES = 6_000 * 366 * 24 * 60.0
"""Longer ago PostgreSQL has no moments."""
TAG = re.compile(r"[a-z0-9_]+=.+", re.DOTALL)

Query = Mapping[str, str]
Parse = Callable[[Where, str], None]


class _Bad(ValueError):
    """A value that a parameter refuses."""


def narrow(where: Where, query: Query, zone: tzinfo, *, mine: bool = False) -> None:
    """Add what the query asks for; `mine` knows fewer parameters.

    Raises:
        ApiError: 400 with the errors of all parameters.
    """
    errors: dict[str, Any] = {}
    known = {**_COMMON, **_moments(zone)} if mine else {**_COMMON, **_moments(zone), **_NOT_MINE}
    for name, parse in known.items():
        if value := query.get(name, "").strip():
            try:
                parse(where, _stored(value))
            except _Bad as error:
                errors[name] = [str(error)]
    if errors:
        raise invalid(errors)


def names(text: str) -> list[str]:
    """Return the names in a comma list."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _stored(value: str) -> str:
    if "\x00" in value:
        raise _Bad(NUL)
    return value


def _boolean(ask: Callable[[Where, bool], None]) -> Parse:
    def parse(where: Where, value: str) -> None:
        if value in BOOLEANS:
            ask(where, BOOLEANS[value])

    return parse


def _hide(where: Where, yes: bool) -> None:
    if yes:
        where.hide_closed_acked()


def _number(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _Bad(NO_NUMBER) from None
    # Not by abs(), which fails where the exponent is long.
    if not number.is_finite() or not -LARGEST_NUMBER <= number <= LARGEST_NUMBER:
        raise _Bad(NO_NUMBER)
    return number


def _numbers(value: str) -> list[int]:
    numbers = [_number(name) for name in names(value)]
    return [int(number) for number in numbers if number == int(number)]


def _level(where: Where, value: str) -> None:
    where.level(int(_number(value).to_integral_value(ROUND_FLOOR)))


def _tags(where: Where, value: str) -> None:
    texts = names(value)
    if not all(TAG.fullmatch(text) for text in texts):
        raise _Bad(BAD_TEXT)
    where.tags([(key, rest) for key, _, rest in (text.partition("=") for text in texts)])


def _duration(where: Where, value: str) -> None:
    minutes = max(-MOST_MINUTES, min(float(_number(value)), MOST_MINUTES))
    if minutes:
        lasted(where, timedelta(minutes=minutes))


def _words(where: Where, value: str) -> None:
    try:
        words = shlex.split(value.replace(",", " "))
    except ValueError:
        words = value.replace(",", " ").split()
    words = list(dict.fromkeys(words))
    if len(words) > MOST_WORDS:
        raise _Bad(f"Ensure that there are no more than {MOST_WORDS} words.")
    where.search(words)


def _end_gte(where: Where, moment: datetime) -> None:
    where.either((FOR_NOW, None), ("(i.stateful AND i.ended_at >= {0})", moment))


def _end_lte(where: Where, moment: datetime) -> None:
    """Ask for what had ended by then: it began before, too, except where a source said otherwise."""
    ended = "i.stateful AND i.ended_at IS NOT NULL AND i.ended_at <= {0}"
    where.either(
        (f"({ended} AND i.start_time <= {{0}})", moment),
        (f"({ended} AND i.start_time > {{0}} AND i.ended_at < i.start_time)", moment),
    )


def _moments(zone: tzinfo) -> dict[str, Parse]:
    def at(ask: Callable[[Where, datetime], None]) -> Parse:
        def parse(where: Where, value: str) -> None:
            try:
                moment = moments.parsed(value, zone)
            except ValueError:
                raise _Bad(NO_MOMENT) from None
            ask(where, moment)

        return parse

    return {
        "start_time__gte": at(lambda where, moment: where.add("i.start_time >= {0}", moment)),
        "start_time__lte": at(lambda where, moment: where.add("i.start_time <= {0}", moment)),
        "end_time__gte": at(_end_gte),
        "end_time__lte": at(_end_lte),
    }


def _token_expiry(where: Where, _yes: bool) -> None:
    """Ask for what tells that a token will expire, whichever value was sent: Argus does so."""
    where.add("i.source_id IN (SELECT s.id FROM sources s WHERE s.type = 'argus')")
    where.tags([("problem_type", "token_expiry")])


_COMMON: dict[str, Parse] = {
    "open": _boolean(Where.open),
    "acked": _boolean(Where.acked),
    "stateful": _boolean(Where.stateful),
    "ticket": _boolean(Where.ticket),
    "end_time__isnull": _boolean(lambda where, yes: where.stateful(not yes)),
    "hide_closed_acked": _boolean(_hide),
    "token_expiry": _boolean(_token_expiry),
    "tags": _tags,
    "duration__gte": _duration,
    "source_incident_id": lambda where, value: where.add("i.source_incident_id = {0}", value),
}
_NOT_MINE: dict[str, Parse] = {
    "id__in": lambda where, value: where.add("i.id = ANY(CAST({0} AS bigint[]))", _numbers(value)),
    "source__name__in": lambda _where, _value: None,  # these two need to be looked up
    "source__type__in": lambda _where, _value: None,
    "source__id__in": lambda where, value: where.sources(_numbers(value)),
    "level__lte": _level,
    "search": _words,
}
