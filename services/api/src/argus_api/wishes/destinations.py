"""Where a user wants to be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from argus_database.configuration.destinations import LONGEST_LABEL
from argus_http.errors import ApiError, invalid
from argus_http.fields import NOT_TEXT, REQUIRED, Fields, Wrong, text
from argus_media.finding import Media

_CODES = {"missing": "required", "too_long": "max_length", "": ""}
NO_DICTIONARY = "Settings has to be a dictionary."


class DestinationWish(NamedTuple):
    """A destination as a body wishes it; an empty label is none."""

    media: str | None
    label: str | None
    settings: dict[str, Any] | None


def destination_wish(media: Media, fields: Fields, *, whole: bool) -> DestinationWish:
    """Return what a body says of a destination of one of these media, its settings unchecked.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    medium = fields.read("media", lambda value: _medium(value, media), None, required=whole)
    label = fields.read("label", lambda value: text(value, LONGEST_LABEL), "", null=True)
    settings = fields.read("settings", _settings, None, required=whole)
    fields.check()
    return DestinationWish(medium, label if "label" in fields else None, settings)


@contextmanager
def refusing_settings() -> Iterator[None]:
    """Refuse settings that their medium refuses.

    Raises:
        ApiError: 400 in the shape of Argus's forms: the field's message, then its code.
    """
    try:
        yield
    except ValidationError as error:
        raise _form_errors(error) from None


def _medium(value: Any, media: Media) -> str:
    slug = text(value)
    if slug not in media:
        raise Wrong([f'Invalid pk "{slug[:100]}" - object does not exist.'])
    return slug


def _settings(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong([NO_DICTIONARY])
    return value


def _form_errors(error: ValidationError) -> ApiError:
    errors = error.errors(include_input=False)
    return invalid({str(found["loc"][0]): [_message(found), _CODES.get(found["type"], "invalid")] for found in errors})


def _message(found: ErrorDetails) -> str:
    match found["type"]:
        case "missing":
            return REQUIRED
        case "string_type":
            return NOT_TEXT
        case "too_long":
            return f"Ensure this value has at most {found['ctx']['max_length']} characters."
        case _:
            return found["msg"].removeprefix("Value error, ")
