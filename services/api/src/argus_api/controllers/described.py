"""Bodies in the API's document: handlers read them field by field, so the framework cannot see them."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from pydantic import BaseModel

DEFINED = "#/$defs/"


def taking(body: type[BaseModel], *, whole: bool = True) -> type[Operation]:
    """Return operations with a body like this, for `operation_class`; of one that is not whole nothing is required."""
    schema = _inlined(body.model_json_schema())
    if not whole:
        schema.pop("required", None)
    content = {"application/json": OpenAPIMediaType(schema=schema)}

    @dataclass
    class Taking(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content=content, required=True)

    return Taking


def _inlined(schema: dict[str, Any]) -> Any:
    """Return the schema with its definitions where they are used."""
    defined = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, list):
            return [resolved(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return resolved(defined[part["$ref"].removeprefix(DEFINED)])
        return {name: resolved(each) for name, each in part.items()}

    return resolved(schema)
