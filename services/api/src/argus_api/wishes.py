"""Bodies of requests about configuration, read and refused as Argus does (specification 2.11, 4.1)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time, tzinfo
from typing import Any, TypeVar

from pydantic import ValidationError

from argus_database.configuration.owned import LARGEST_PK, LONGEST_NAME
from argus_database.configuration.users import DAY_END, DAY_START
from argus_http.errors import ApiError, invalid
from argus_http.fields import Fields, Wrong, boolean, text
from argus_schemas.configuration import Recurrence
from argus_schemas.media import MEDIA
from argus_schemas.words import EventType

T = TypeVar("T")

BLANK = "This field may not be blank."
NO_INTEGER = "A valid integer is required."
NO_TIME = "Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]]."
START_BEFORE_END = "'start' must be before 'end'."
NO_DICTIONARY = "Settings has to be a dictionary."
MOST_ITEMS = 1000


def name(fields: Fields, *, required: bool = True) -> str:
    """Return the name in a body."""
    return fields.read("name", _name, "", required=required)


def _name(value: Any) -> str:
    said = text(value, LONGEST_NAME)
    if not said:
        raise Wrong([BLANK])
    return said


def items(value: Any, read: Callable[[Any], T]) -> list[T]:
    """Return what `read` makes of each item of a list.

    Raises:
        Wrong: it is no list, or what is wrong with which item.
    """
    if not isinstance(value, list):
        raise Wrong([f'Expected a list of items but got type "{type(value).__name__}".'])
    if len(value) > MOST_ITEMS:
        raise Wrong([f"Ensure this field has no more than {MOST_ITEMS} elements."])
    found: list[T] = []
    errors: dict[str, Any] = {}
    for index, item in enumerate(value):
        try:
            found.append(read(item))
        except Wrong as wrong:
            errors[str(index)] = wrong.body
    if errors:
        raise Wrong(errors)
    return found


def pk(value: Any) -> int:
    """Return the pk of something."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong([f"Incorrect type. Expected pk value, received {type(value).__name__}."])
    if not 0 < value <= LARGEST_PK:
        raise Wrong([f'Invalid pk "{value}" - object does not exist.'])
    return value


def pks(value: Any) -> Sequence[int]:
    """Return the pks in a list; one that is wrong is what is wrong with the list."""
    if not isinstance(value, list):
        raise Wrong([f'Expected a list of items but got type "{type(value).__name__}".'])
    return list(dict.fromkeys(pk(item) for item in value[:MOST_ITEMS]))


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


def choice(choices: Mapping[str, T]) -> Callable[[Any], T]:
    """Return what reads one of `choices`."""

    def read(value: Any) -> T:
        said = str(value)
        if said not in choices:
            raise Wrong([f'"{said[:100]}" is not a valid choice.'])
        return choices[said]

    return read


def _tag(value: Any) -> str:
    said = text(value, 700)
    if len(said) < 3:
        raise Wrong(["Ensure this field has at least 3 characters."])
    return said


EVENT_TYPES = {each.value: each.value for each in EventType}
DAYS = {str(day): day for day in range(1, 8)}
BLOB: dict[str, Callable[[Any], Any]] = {
    "sourceSystemIds": lambda value: items(value, integer(1, LARGEST_PK)),
    "source_types": lambda value: items(value, text),
    "tags": lambda value: items(value, _tag),
    "open": boolean,
    "acked": boolean,
    "stateful": boolean,
    "maxlevel": integer(1, 5),
    "event_types": lambda value: items(value, choice(EVENT_TYPES)),
}


def blob(value: Any, zone: tzinfo) -> dict[str, Any]:
    """Return the conditions of a filter; what is not known is dropped."""
    if not isinstance(value, dict):
        raise Wrong({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(value).__name__}."]})
    fields = Fields(value, zone)
    found = {each: fields.read(each, parse, None, null=True) for each, parse in BLOB.items()}
    found["hide_closed_acked"] = fields.boolean("hide_closed_acked")
    if fields.errors:
        raise Wrong(fields.errors)
    return {each: said for each, said in found.items() if said is not None}


def recurrence(value: Any, zone: tzinfo) -> Recurrence:
    """Return a recurrence; `all_day` overrides its times, and an end before its start is on the next day."""
    if not isinstance(value, dict):
        raise Wrong({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(value).__name__}."]})
    fields = Fields(value, zone)
    none: list[int] = []
    days = fields.read("days", lambda given: items(given, choice(DAYS)), none, required=True)
    all_day = fields.boolean("all_day")
    start = fields.read("start", _time, DAY_START, required=not all_day)
    end = fields.read("end", _time, DAY_END, required=not all_day)
    if fields.errors:
        raise Wrong(fields.errors)
    if all_day:
        start, end = DAY_START, DAY_END
    if start == end:
        raise Wrong({"non_field_errors": [START_BEFORE_END]})
    return Recurrence(days=tuple(sorted(set(days))), start=start, end=end)


def _time(value: Any) -> time:
    said = str(value).strip()
    try:
        parsed = time.fromisoformat(said) if said[2:3] == ":" and isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is not None or said.startswith("24"):
        raise Wrong([NO_TIME])
    return parsed


def settings(media: str, value: Any) -> dict[str, Any]:
    """Return the settings of a destination that its medium knows.

    Raises:
        ApiError: 400 in the shape of Argus's forms: the field's message, then its code.
    """
    if not isinstance(value, dict):
        raise invalid({"settings": [NO_DICTIONARY]})
    kind = MEDIA[media]
    try:
        checked = kind.settings.model_validate(value)
    except ValidationError as error:
        raise _form_errors(error) from None
    return checked.model_dump(mode="json")


def _form_errors(error: ValidationError) -> ApiError:
    body: dict[str, list[str]] = {}
    for found in error.errors(include_input=False):
        field = str(found["loc"][0])
        missing = found["type"] == "missing"
        message = "This field is required." if missing else found["msg"].removeprefix("Value error, ")
        body[field] = [message, "required" if missing else "invalid"]
    return invalid(body)
