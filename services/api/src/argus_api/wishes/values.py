"""Values that several bodies have."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Any, TypeVar

import msgspec

from argus_database.configuration.errors import EMPTY
from argus_database.configuration.limits import MOST_NAMED
from argus_database.configuration.owned import LARGEST_PK, LONGEST_NAME
from argus_http.fields import Fields, Wrong, boolean, filled
from argus_http.lists import listed

T = TypeVar("T")

NO_INTEGER = "A valid integer is required."
MOST_ITEMS = 1000


def name(fields: Fields, *, required: bool) -> str | None:
    """Return the name in a body."""
    return fields.read("name", lambda value: filled(value, LONGEST_NAME), None, required=required)


def flag(fields: Fields, name: str) -> bool | None:
    """Return a truth value, where the body has one."""
    return fields.read(name, boolean, None)


def nested(value: Any, zone: tzinfo = UTC) -> Fields:
    """Return the fields of an object inside a body; one with moments needs a zone.

    Raises:
        Wrong: it is no object.
    """
    if not isinstance(value, dict):
        raise Wrong({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(value).__name__}."]})
    return Fields(value, zone)


def pk(value: Any) -> int:
    """Return the pk of something."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong([f"Incorrect type. Expected pk value, received {type(value).__name__}."])
    if not 0 < value <= LARGEST_PK:
        raise Wrong([f'Invalid pk "{value}" - object does not exist.'])
    return value


def pks(value: Any, *, some: bool = False, most: int = MOST_NAMED) -> Sequence[int]:
    """Return the pks in a list, each once; one that is wrong is what is wrong with the list.

    Raises:
        Wrong: it is no list of pks, has too many, or there must be some and it is empty.
    """
    found = list(dict.fromkeys(pk(item) for item in listed(value, most)))
    if some and not found:
        raise Wrong([EMPTY])
    return found


def integer(least: int, most: int) -> Callable[[Any], int]:
    """Return what reads a whole number from `least` to `most`."""

    def read(value: Any) -> int:
        try:
            number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
        except ValueError:
            number = None
        if number is None:
            raise Wrong([NO_INTEGER])
        if number < least:
            raise Wrong([f"Ensure this value is greater than or equal to {least}."])
        if number > most:
            raise Wrong([f"Ensure this value is less than or equal to {most}."])
        return number

    return read


def number_of(kind: type[msgspec.Struct], field: str) -> Callable[[Any], int]:
    """Return what reads a number as large as a document's field takes it."""
    (found,) = (each.type for each in msgspec.inspect.type_info(kind).fields if each.name == field)  # type: ignore[attr-defined]
    return integer(found.ge, found.le)
