"""Fields of a body, read and refused as Argus does (specification 2.1.3)."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from argus_domain import urls
from argus_http import moments
from argus_http.errors import invalid
from argus_schemas.base import storable_json
from argus_schemas.incident import LONGEST_TEXT, LONGEST_URL

T = TypeVar("T")

REQUIRED = "This field is required."
NULL = "This field may not be null."
BLANK = "This field may not be blank."
NOT_TEXT = "Not a valid string."
NOT_BOOLEAN = "Must be a valid boolean."
NOT_URL = "Enter a valid URL."
NUL = "Null characters are not allowed."

TRUE = frozenset({"t", "y", "yes", "true", "on", "1"})
FALSE = frozenset({"f", "n", "no", "false", "off", "0"})


class Wrong(Exception):
    """A value that a field refuses: the body of its error."""

    def __init__(self, body: Any) -> None:
        super().__init__(body)
        self.body = body


class Fields:
    """A body, read field by field; `check` refuses it with all that was wrong."""

    def __init__(self, body: Any, zone: tzinfo) -> None:
        if not isinstance(body, dict):
            kind = type(body).__name__
            raise invalid({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})
        self._body = body
        self.zone = zone
        """Of moments that name none."""
        self.errors: dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def raw(self, name: str) -> Any:
        """Return the value as it was sent, or None."""
        return self._body.get(name)

    def check(self) -> None:
        """Refuse the body if anything was wrong with it.

        Raises:
            ApiError: 400 with the errors of all fields.
        """
        if self.errors:
            raise invalid(self.errors)

    def read(
        self, name: str, parse: Callable[[Any], T], default: T, *, required: bool = False, null: bool = False
    ) -> T:
        """Return what `parse` makes of the field, or `default` where it is absent, null or wrong."""
        if name not in self._body:
            if required:
                self.errors[name] = [REQUIRED]
            return default
        value = self._body[name]
        if value is None:
            if not null:
                self.errors[name] = [NULL]
            return default
        try:
            return parse(value)
        except Wrong as wrong:
            self.errors[name] = wrong.body
            return default

    def text(self, name: str, *, longest: int = LONGEST_TEXT, required: bool = False) -> str:
        """Return a text, stripped; numbers count as text."""
        return self.read(name, lambda value: text(value, longest), "", required=required)

    def url(self, name: str) -> str:
        """Return an absolute URL; an empty text is none."""
        return self.read(name, _url, "")

    def choice(self, name: str, choices: Mapping[str, T], default: T, *, required: bool = False) -> T:
        """Return one of `choices`, by its text."""
        return self.read(name, lambda value: choice(value, choices), default, required=required)

    def boolean(self, name: str, *, default: bool = False, required: bool = False) -> bool:
        """Return a truth value in one of the ways to say it."""
        return self.read(name, boolean, default, required=required)

    def moment(self, name: str, *, required: bool = False, null: bool = False) -> datetime | None:
        """Return a moment in UTC, or None where there is none."""
        return self.read(name, self._moment, None, required=required, null=null)

    def end(self, name: str) -> datetime | None:
        """Return the end of an incident; None: infinity."""
        return self.read(name, self._end, None)

    def json(self, name: str, default: Any) -> Any:
        """Return any JSON that can be kept."""
        return self.read(name, _json, default)

    def _moment(self, value: Any) -> datetime | None:
        return _said(value, lambda text: moments.parsed(text, self.zone))

    def _end(self, value: Any) -> datetime | None:
        return _said(value, lambda text: moments.parsed_end(text, self.zone))


def text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Return `value` as text.

    Raises:
        Wrong: it is none, too long, or has what no database keeps.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong([NOT_TEXT])
    said = str(value).strip()
    if "\x00" in said:
        raise Wrong([NUL])
    if len(said) > longest:
        raise Wrong([f"Ensure this field has no more than {longest} characters."])
    return said


def filled(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Return `value` as a text that is not blank.

    Raises:
        Wrong: it is none.
    """
    said = text(value, longest)
    if not said:
        raise Wrong([BLANK])
    return said


def boolean(value: Any) -> bool:
    """Return the truth value that `value` says.

    Raises:
        Wrong: it says none.
    """
    said = str(value).lower() if isinstance(value, str | int | float) else ""
    if said in {*TRUE, "1.0"}:
        return True
    if said in {*FALSE, "0.0"}:
        return False
    raise Wrong([NOT_BOOLEAN])


def choice(value: Any, choices: Mapping[str, T]) -> T:
    """Return what `value` chooses, by its text.

    Raises:
        Wrong: it is none of the choices.
    """
    said = str(value) if isinstance(value, str | int | float) else type(value).__name__
    if said not in choices:
        raise Wrong([f'"{said[:100]}" is not a valid choice.'])
    return choices[said]


def _url(value: Any) -> str:
    said = text(value, LONGEST_URL)
    if not urls.is_absolute(said):
        raise Wrong([NOT_URL])
    return said


def _json(value: Any) -> Any:
    try:
        return storable_json(value)
    except ValueError as error:
        raise Wrong([str(error)]) from None


def _said(value: Any, read: Callable[[str], datetime | None]) -> datetime | None:
    if not isinstance(value, str):
        raise Wrong([moments.FORMAT_ERROR])
    try:
        return read(value.strip())
    except ValueError as error:
        raise Wrong([str(error)]) from None
