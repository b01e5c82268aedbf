"""Facts: records that our services write for each other, thousands a second.

They are checked where they are read from their topic. To make one costs a tenth of what a `Schema` costs, because it
checks nothing: whoever takes values from outside checks them first (`argus_http.fields`, `argus_schemas.report`).
"""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, Self

import msgspec

from argus_schemas.base import LARGEST_INTEGER

_ENCODER = msgspec.json.Encoder()

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time, in UTC, to the microsecond."""

Pk = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_INTEGER)]
"""An id that people see."""

Version = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_INTEGER)]
"""Grows with every change of a document; readers ignore one that is not above the one they hold."""


class Fact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An immutable record.

    Unknown fields are ignored: services deploy independently, so a producer may be newer than its consumers.
    """

    def to_bytes(self) -> bytes:
        """Return the record as it stands in its topic: JSON without the fields that say nothing."""
        return _ENCODER.encode(self)

    @classmethod
    def read(cls, document: bytes | str) -> Self:
        """Return the record that stands in `document`.

        Raises:
            ValueError: none does.
        """
        found: Self = _decoder(cls).decode(document)
        return found

    def but(self, **changes: Any) -> Self:
        """Return the same record with some fields changed."""
        return msgspec.structs.replace(self, **changes)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)
