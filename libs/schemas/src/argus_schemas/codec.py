"""How values of topics are read: facts by msgspec, what people write by pydantic."""

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from pydantic import TypeAdapter

from argus_schemas.base import Schema
from argus_schemas.facts import Fact

Written = Schema | Fact
"""What can stand in a topic."""


def decoder(value: Any) -> Callable[[bytes], Any]:
    """Return what reads a schema, or one of a union of schemas; it raises ValueError for what is none.

    Text that is no UTF-8 and JSON that nests too deep count as none, too.
    """
    kinds = get_args(value) or (value,)
    return _facts(value) if all(isinstance(kind, type) and issubclass(kind, Fact) for kind in kinds) else _schema(value)


def _facts(value: Any) -> Callable[[bytes], Any]:
    decode = msgspec.json.Decoder(value).decode

    def read(document: bytes) -> Any:
        try:
            return decode(document)
        except RecursionError:
            raise ValueError("it nests too deep") from None

    return read


def _schema(value: Any) -> Callable[[bytes], Any]:
    return TypeAdapter(value).validate_json
