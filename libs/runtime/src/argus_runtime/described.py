"""What the settings are, for the documentation: in the words of who writes them, not of Python."""

from datetime import timedelta
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from argus_runtime.settings import Environment, shown, variables
from argus_runtime.written import duration_text, written
from argus_schemas.facts import Fact

WORDS = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", SecretStr: "secret text"}


class Row(NamedTuple):
    """A setting, as the documentation lists it."""

    name: str
    how: str
    default: str
    says: str


def describe(settings: type[Environment]) -> list[Row]:
    """Return all settings of a class for the documentation."""
    return [
        Row(variables(name, field)[0], _how(field), _default(field), " ".join((field.description or "").split()))
        for name, field in settings.model_fields.items()
    ]


def _how(field: FieldInfo) -> str:
    """Return how one writes a value.

    Raises:
        KeyError: the type does not say it, and its annotation has no `Written`.
    """
    if how := written(field):
        return how
    if get_origin(field.annotation) is Literal:
        return "one of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    return WORDS[field.annotation]  # type: ignore[index]  # what is no class is not among them either


def _default(field: FieldInfo) -> str:
    return "required" if field.is_required() else _written(field.get_default(call_default_factory=True))


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Fact):
        return value.to_bytes().decode()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, SecretStr | tuple) and not value:
        return ""
    return str(shown(value))
