"""What ingest's OpenAPI document says of each version: handlers serve v2 and v3, whose bodies and answers differ."""

from collections.abc import Mapping
from typing import Any

from argus_http.errors import JSON

V3 = "/api/v3/"


def by_version(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with one shape for each path: of two that are told the list is that of v3.

    So is a schema whose name has a `V3` behind it. Bodies are told as JSON, since a form cannot say all of them.
    """
    known = document["components"]["schemas"]
    paths = {
        path: {method: _operation(operation, known, v3=path.startswith(V3)) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": paths}


def _operation(operation: dict[str, Any], known: Mapping[str, Any], *, v3: bool) -> dict[str, Any]:
    responses = {status: _told(told, known, v3=v3) for status, told in operation["responses"].items()}
    body = {"requestBody": _told(operation["requestBody"], known, v3=v3)} if "requestBody" in operation else {}
    return operation | {"responses": responses} | body


def _told(told: dict[str, Any], known: Mapping[str, Any], *, v3: bool) -> dict[str, Any]:
    if JSON not in told.get("content", {}):
        return told
    schema = told["content"][JSON].get("schema", {})
    return told | {"content": {JSON: {"schema": _schema(schema, known, v3=v3)}}}


def _schema(schema: dict[str, Any], known: Mapping[str, Any], *, v3: bool) -> dict[str, Any]:
    two: list[dict[str, Any]] = schema.get("oneOf") or schema.get("anyOf") or []
    if len(two) == 2:
        return next(each for each in two if ("items" in each) == v3)
    place = schema.get("$ref", "")
    return {"$ref": f"{place}V3"} if v3 and f"{place.rpartition('/')[2]}V3" in known else schema
