"""What the OpenAPI document says of each version: handlers serve v2 and v3, whose bodies and answers differ."""

from collections.abc import Mapping
from typing import Any

from argus_http.errors import JSON

V3 = "/api/v3/"

Told = dict[str, Any]


def by_version(document: Mapping[str, Any]) -> Told:
    """Return the document with the shapes of its version at each path.

    A schema of v3 has the name of that of v2 and a `V3` behind it; of two that are told, a list of texts is that of v3.
    """
    known = document["components"]["schemas"]
    paths = {
        path: {method: _operation(operation, known, v3=path.startswith(V3)) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": paths}


def _operation(operation: Told, known: Mapping[str, Any], *, v3: bool) -> Told:
    responses = {status: _told(told, known, v3=v3) for status, told in operation["responses"].items()}
    body = {"requestBody": _told(operation["requestBody"], known, v3=v3)} if "requestBody" in operation else {}
    return operation | {"responses": responses} | body


def _told(told: Told, known: Mapping[str, Any], *, v3: bool) -> Told:
    if JSON not in told.get("content", {}):
        return told
    schema = told["content"][JSON].get("schema", {})
    return told | {"content": {JSON: {"schema": _schema(schema, known, v3=v3)}}}


def _schema(schema: Told, known: Mapping[str, Any], *, v3: bool) -> Told:
    for word in ("oneOf", "anyOf"):
        several = schema.get(word, [])
        if len(several) == 2 and sum(map(_is_texts, several)) == 1:
            return next(each for each in several if _is_texts(each) == v3)
        if several:
            return {"anyOf": [_schema(each, known, v3=v3) for each in several]}
    if "items" in schema:
        return schema | {"items": _schema(schema["items"], known, v3=v3)}
    place = schema.get("$ref", "")
    return {"$ref": f"{place}V3"} if v3 and f"{place.rpartition('/')[2]}V3" in known else schema


def _is_texts(schema: Told) -> bool:
    return bool(schema.get("items", {}).get("type") == "string")
