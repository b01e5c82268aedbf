"""Bodies of bulk requests (specification 2.9): `ids`, and what is wished for each."""

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Any, TypeVar

from argus_http.errors import ApiError
from argus_http.fields import NULL, REQUIRED, Fields, Wrong
from argus_http.lists import items, listed
from argus_http.principals import Principal
from argus_ingest.web.requests import AckWish, EventWish, ack_wish, any_event_wish
from argus_schemas.incident import LONGEST_URL

T = TypeVar("T", AckWish, EventWish)

MOST_IDS = 5_000
LARGEST_WISH = 16 * 1024 * 1024
"""Characters of the texts of a wish, as often as there are incidents: each has its own record and its own answer."""
LONGEST_INTEGER = 1_000
"""Characters; as Argus refuses them, before anybody computes with them."""

MOST_BITS = 3_000
"""About as long; Python itself refuses to show one of more than 4,300 digits."""

NOT_AN_INTEGER = "A valid integer is required."
NO_INTEGER_AT_ALL = "String value too large."
_INTEGER = re.compile(r"\s*([+-]?[0-9]+)(?:\.0*)?\s*", re.ASCII)


def ack_for(body: Any, zone: tzinfo) -> tuple[list[int], AckWish]:
    """Return the ids of incidents and the ack that is wished for each.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    return _for_each(body, zone, "ack", lambda wish: ack_wish(wish, zone))


def event_for(body: Any, zone: tzinfo, principal: Principal) -> tuple[list[int], EventWish]:
    """Return the ids of incidents and the event that is wished for each.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    return _for_each(body, zone, "event", lambda wish: any_event_wish(wish, zone, principal))


def ticket_for(body: Any, zone: tzinfo) -> tuple[list[int], str]:
    """Return the ids of incidents and the ticket that is wished for each; nobody checks that it is a URL.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    ids: list[int] = fields.read("ids", _ids, [], required=True)
    url = fields.text("ticket_url", longest=LONGEST_URL, required=True)
    fields.check()
    _check_size(ids, url)
    return ids, url


def _for_each(body: Any, zone: tzinfo, name: str, read: Callable[[Any], T]) -> tuple[list[int], T]:
    fields = Fields(body, zone)
    ids: list[int] = fields.read("ids", _ids, [], required=True)
    wish: T | None = None
    if name not in fields:
        fields.errors[name] = [REQUIRED]
    elif fields.raw(name) is None:
        fields.errors[name] = [NULL]
    else:
        try:
            wish = read(fields.raw(name))
        except ApiError as error:
            fields.errors[name] = error.body
    fields.check()
    if wish is None:
        raise AssertionError("what is wished is there or refused")
    _check_size(ids, wish.description)
    return ids, wish


def _check_size(ids: list[int], said: str) -> None:
    if len(ids) * len(said) > LARGEST_WISH:
        raise ApiError(413, {"detail": "So long a text is too much for so many incidents; ask for fewer at once."})


def _ids(value: Any) -> list[int]:
    """Return the ids, each once.

    Raises:
        Wrong: they are no list of integers, or too many.
    """
    if not listed(value, MOST_IDS):
        raise Wrong(["This list may not be empty."])
    return list(dict.fromkeys(items(value, _integer, MOST_IDS)))


def _integer(value: Any) -> int:
    if value is None:
        raise Wrong([NULL])
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= MOST_BITS:
        return value
    if isinstance(value, str) and len(value) > LONGEST_INTEGER:
        raise Wrong([NO_INTEGER_AT_ALL])
    said = _INTEGER.fullmatch(str(value)) if isinstance(value, str | float) else None
    if said is None:
        raise Wrong([NOT_AN_INTEGER])
    return int(said[1])
