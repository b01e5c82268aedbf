"""What plugins read from their configuration: checked once, when they are made."""

from collections.abc import Mapping
from typing import Any

from argus_tickets.errors import NotConfigured
from argus_tickets.plugin import Configuration

SECRET = "TICKET_AUTHENTICATION_SECRET"  # noqa: S105  the setting's name
INFORMATION = "TICKET_INFORMATION"


def secret(configuration: Configuration, *names: str) -> dict[str, str]:
    """Return the secrets of these names, all of which must be there."""
    missing = [name for name in names if not configuration.secret.get(name)]
    if missing:
        raise _lacking(missing[0], SECRET)
    return {name: configuration.secret[name] for name in names}


def text(information: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return a text, which must be there unless there is a default."""
    value = information.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        raise _lacking(name, INFORMATION)
    if not isinstance(value, str):
        raise _wrong(name, "a text")
    return value


def texts(information: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts; it may be absent."""
    values = information.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
        raise _wrong(name, "a list of texts")
    return [str(value) for value in values]


def table(information: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a JSON object; it may be absent."""
    values = information.get(name, {})
    if not isinstance(values, dict):
        raise _wrong(name, "a JSON object")
    return values


def selections(information: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list of parts of an incident: `"start_time"` or `{"tag": "host"}`."""
    values = information.get(name, [])
    if not isinstance(values, list) or not all(is_selection(value) for value in values):
        raise _wrong(name, 'a list such as ["start_time", {"tag": "host"}]')
    return values


def is_selection(value: Any) -> bool:
    """Tell whether something names a part of an incident."""
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("tag"), str))


def selected(information: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return fields and the parts of an incident that fill them."""
    values = table(information, name)
    if not all(is_selection(value) for value in values.values()):
        raise _wrong(name, 'an object such as {"Host": {"tag": "host"}}')
    return values


def _lacking(name: str, setting: str) -> NotConfigured:
    return NotConfigured(f'No {name} can be found in the settings. Please update the setting "{setting}".')


def _wrong(name: str, wanted: str) -> NotConfigured:
    return NotConfigured(f'{name} should be {wanted}. Please update the setting "{INFORMATION}".')
