"""Tags in bodies: objects in v2, texts in v3 (specification 1.4, 2.5.3, 2.5.9)."""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from argus_http.errors import ApiError, invalid
from argus_http.fields import NOT_TEXT, Fields, Wrong
from argus_http.lists import items
from argus_schemas.base import storable
from argus_schemas.incident import LONGEST_TAG_KEY, LONGEST_TAG_VALUE, MOST_TAGS, TAG_TOO_LONG, TagName

NO_DELIMITER = "The tag does not have its delimiter: =."
NO_KEY = "The key of the tag cannot be empty."
BAD_KEY = "['Enter a valid key consisting of lowercase letters, numbers and underscores.']"
BAD_ITEM = 'Tags need to follow the format {"tag": key=value}'
BAD_TEXT = (
    'Enter a valid key-value construct: "key=value", where the key consists of lowercase letters, numbers and '
    "underscores, and the value is not empty."
)

_KEY = re.compile(r"[a-z0-9_]+")
_CONSTRUCT = re.compile(r"[a-z0-9_]+=.+", re.DOTALL)


def read_tags(fields: Fields, name: str, *, v3: bool = False, required: bool = True) -> tuple[TagName, ...]:
    """Return the tags in field `name`, each once."""
    item = _text_item if v3 else _object_item
    return fields.read(name, lambda value: _each(value, item), (), required=required)


def tags_in_body(body: Any, *, v3: bool) -> tuple[TagName, ...]:
    """Return the one tag that a body names, in v3 the list of them.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    if v3:
        try:
            return _each(body, _text_item)
        except Wrong as wrong:
            raise invalid(wrong.body) from None
    fields = Fields(body, UTC)
    found = fields.read("tag", _text, None, required=True)
    fields.check()
    return () if found is None else (found,)


def tag_in_path(text: str, *, v3: bool) -> TagName:
    """Return the tag that a path names.

    Raises:
        ApiError: 400, it names none.
    """
    if v3 and not _CONSTRUCT.fullmatch(text):
        raise invalid([BAD_TEXT])
    try:
        return parse_tag(text)
    except ValueError as error:
        raise invalid([str(error)]) from None


def no_incident(pk: int) -> ApiError:
    """Return the 400 for tags of an incident that is not there (specification 2.6.1)."""
    return invalid([f"An incident with pk={pk} does not exist"])


def parse_tag(text: str) -> TagName:
    """Return the tag that `key=value` names.

    Raises:
        ValueError: why it names none, in Argus's words.
    """
    key, delimiter, value = text.partition("=")
    if not delimiter:
        raise ValueError(NO_DELIMITER)
    key, value = key.strip(), value.strip()
    if not key:
        raise ValueError(NO_KEY)
    if not _KEY.fullmatch(key):
        raise ValueError(BAD_KEY)
    if len(key) > LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE:
        raise ValueError(TAG_TOO_LONG)
    return TagName(key=key, value=storable(value))


def _each(value: Any, read: Callable[[Any], TagName]) -> tuple[TagName, ...]:
    return tuple(dict.fromkeys(items(value, read, MOST_TAGS, of_objects=True)))


def _object_item(item: Any) -> TagName:
    if not isinstance(item, dict) or "tag" not in item:
        raise Wrong([BAD_ITEM])
    try:
        return _text(item["tag"])
    except Wrong as wrong:
        raise Wrong({"tag": wrong.body}) from None


def _text(value: Any) -> TagName:
    if not isinstance(value, str):
        raise Wrong(NOT_TEXT)
    try:
        return parse_tag(value)
    except ValueError as error:
        raise Wrong(str(error)) from None


def _text_item(item: Any) -> TagName:
    if not isinstance(item, str) or not _CONSTRUCT.fullmatch(item):
        raise Wrong([BAD_TEXT])
    try:
        return parse_tag(item)
    except ValueError as error:
        raise Wrong([str(error)]) from None
