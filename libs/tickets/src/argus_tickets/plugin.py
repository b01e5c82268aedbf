"""What a ticket plugin is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ticket is about."""

    incident: Mapping[str, Any]
    """As API v2 shows it."""
    argus_url: str
    """Where a person sees the incident: the public address of this installation and `/incidents/<pk>`."""
    user: str
    """The full name of who asks for the ticket."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a plugin is made with: the settings `ARGUS_TICKET_…`, secrets readable."""

    endpoint: str
    """The address of the ticket system; never one with a password in it."""
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`ARGUS_TICKET_AUTHENTICATION_SECRET`."""
    information: Mapping[str, Any] = field(default_factory=dict)
    """`ARGUS_TICKET_INFORMATION`."""


class TicketPlugin(Protocol):
    """A way to open tickets in one ticket system."""

    async def create_ticket(self, facts: Facts) -> str:
        """Open a ticket and return the address at which people see it.

        It is cancelled after ten seconds, and never called again for the same request.

        Raises:
            TicketRefused: the ticket system does not want this ticket.
            TicketSystemUnavailable: a later attempt may succeed.
            TicketError: anything else.
        """
