"""What records are made of: values that Kafka, JSON and PostgreSQL can all hold."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

MOST_NESTING = 32
LARGEST_INTEGER = 2**63 - 1

_in_order = msgspec.json.Encoder(order="sorted").encode


class Schema(BaseModel):
    """An immutable record that people write, in reports or as settings of a medium: validated whenever it is made.

    Unknown fields are ignored: services deploy independently, so a producer may be newer than its consumers.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_bytes(self) -> bytes:
        """Return the record as it stands in its topic: JSON without the fields that say nothing."""
        return self.__pydantic_serializer__.to_json(self, exclude_defaults=True)

    def but(self, **changes: Any) -> Self:
        """Return the same record with some fields changed, which are believed."""
        return self.model_copy(update=changes)


def sought(pk: int, largest: int = LARGEST_INTEGER) -> int:
    """Return a pk that somebody asks for, or 0, which nothing has, for one that a table cannot hold."""
    return pk if 0 < pk <= largest else 0


def storable(text: str) -> str:
    """Return `text` if PostgreSQL can hold it.

    Raises:
        ValueError: it has a NUL character or half of a surrogate pair.
    """
    if "\x00" in text:
        raise ValueError("NUL characters are not allowed.")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("Half of a surrogate pair is not a character.") from None
    return text


def in_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC.

    Raises:
        ValueError: in UTC it lies before the year 1 or after the year 9999.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("Datetime value out of range.") from None


def storable_json(value: Any, depth: int = 0) -> Any:
    """Return `value` if it is JSON that PostgreSQL can hold and every reader can read.

    Raises:
        ValueError: it nests more than 32 deep, or a text or number in it cannot be stored.
    """
    if depth > MOST_NESTING:
        raise ValueError(f"JSON may not nest more than {MOST_NESTING} deep.")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("Integers beyond 64 bits are not allowed.")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("Only finite numbers are allowed.")
        return value
    if isinstance(value, list):
        return [storable_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {storable(str(name)): storable_json(item, depth + 1) for name, item in value.items()}
    raise ValueError("Not a JSON value.")


def same_json(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON: 1 is neither true nor 1.0, and the order of names says nothing.

    Python alone calls the three equal.
    """
    return one == other and _in_order(one) == _in_order(other)


Text = Annotated[str, AfterValidator(storable)]
"""Text that PostgreSQL can hold."""

Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A point in time, in UTC, to the microsecond."""

Json = Annotated[Any, AfterValidator(storable_json)]
"""Any JSON value of limited depth, finite numbers and 64-bit integers."""

Pk = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]
"""An id that people see."""

Version = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
"""Grows with every change of a document; readers ignore one that is not above the one they hold."""
