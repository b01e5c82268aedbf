"""What is read from the environment about tickets."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from argus_runtime.settings import Environment
from argus_runtime.written import Written


def _web(text: str) -> str:
    """Return an address without a password in it, which would end up in logs."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None):
        raise ValueError("should be an address like https://tickets.example.org, without name and password")
    return text


class TicketPluginSetting(Environment):
    """For services that say which ticket plugin there is."""

    ticket_plugin: str = ""
    """The ticket plugin: `github`, `gitlab`, `jira`, `rt` or one installed besides; empty: none."""


class TicketSettings(TicketPluginSetting):
    """For services that open tickets."""

    ticket_endpoint: Annotated[str, AfterValidator(_web), Written("`https://…`")] = ""
    """The address of the ticket system."""

    ticket_authentication_secret: Annotated[dict[str, SecretStr], Written("secret JSON object")] = Field({})
    """What the plugin authenticates with, such as `{"token": "…"}`."""

    ticket_information: Annotated[dict[str, Any], Written("JSON object")] = Field({})
    """What the plugin needs besides, such as the project, labels and templates; docs/tickets.md has them."""
