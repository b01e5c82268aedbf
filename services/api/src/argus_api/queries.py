"""The query of a list of incidents, parameter by parameter (specification 2.5.1)."""

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from argus_api.repositories.where import ENDED, Where
from argus_http import moments
from argus_http.errors import invalid
from argus_http.fields import NUL
from argus_http.tags import BAD_TEXT

BOOLEANS = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}
"""Any other text counts as if it were not there."""

NO_NUMBER = "Enter a number."
NO_MOMENT = "Enter a valid date/time."
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
    if not number.is_finite() or abs(number) > 10**15:
        raise _Bad(NO_NUMBER)
    return number


def _numbers(value: str) -> list[int]:
    numbers = [_number(name) for name in names(value)]
    return [int(number) for number in numbers if number == int(number)]


def _tags(where: Where, value: str) -> None:
    texts = names(value)
    if not all(TAG.fullmatch(text) for text in texts):
        raise _Bad(BAD_TEXT)
    where.tags([(key, rest) for key, _, rest in (text.partition("=") for text in texts)])


def _duration(where: Where, value: str) -> None:
    minutes = float(_number(value))
    if minutes:
        lasted = "least(coalesce(i.ended_at, {0}), {0}) - i.start_time >= make_interval(mins => 1) * {1}"
        where.add(f"(i.stateful AND {lasted})", where.now, minutes)


def _words(where: Where, value: str) -> None:
    try:
        words = shlex.split(value.replace(",", " "))
    except ValueError:
        words = value.replace(",", " ").split()
    where.words(words)


def _moments(zone: tzinfo) -> dict[str, Parse]:
    def compare(fragment: str) -> Parse:
        def parse(where: Where, value: str) -> None:
            try:
                moment: datetime = moments.parsed(value, zone)
            except ValueError:
                raise _Bad(NO_MOMENT) from None
            where.add(fragment, moment)

        return parse

    return {
        "start_time__gte": compare("i.start_time >= {}"),
        "start_time__lte": compare("i.start_time <= {}"),
        "end_time__gte": compare(f"(i.stateful AND {ENDED} >= {{}})"),
        "end_time__lte": compare(f"(i.stateful AND {ENDED} <= {{}})"),
    }


_COMMON: dict[str, Parse] = {
    "open": _boolean(Where.open),
    "acked": _boolean(Where.acked),
    "stateful": _boolean(lambda where, yes: where.add("i.stateful = {}", yes)),
    "ticket": _boolean(lambda where, yes: where.add("(i.ticket_url <> '') = {}", yes)),
    "end_time__isnull": _boolean(lambda where, yes: where.add("i.stateful = {}", not yes)),
    "hide_closed_acked": _boolean(_hide),
    "tags": _tags,
    "duration__gte": _duration,
    "source_incident_id": lambda where, value: where.add("i.source_incident_id = {}", value),
}
_NOT_MINE: dict[str, Parse] = {
    "id__in": lambda where, value: where.add("i.id = ANY({})", _numbers(value)),
    "source__id__in": lambda where, value: where.add("i.source_id = ANY({})", _numbers(value)),
    "source__name__in": lambda where, value: where.add("s.name = ANY({})", names(value)),
    "source__type__in": lambda where, value: where.add("s.type = ANY({})", names(value)),
    "level__lte": lambda where, value: where.add("i.level <= {}", _number(value)),
    "search": _words,
}
