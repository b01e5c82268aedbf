"""Ticket plugins: ways to open a ticket for an incident, found by entry points of the group `argus.tickets`.

An entry point names what takes a `Configuration` and gives a `TicketPlugin`, such as a class.
A package of somebody else's adds a ticket system by declaring one; `ARGUS_TICKET_PLUGIN` is the entry point's name.
"""

from argus_tickets.errors import (
    BadAnswer,
    NotConfigured,
    NoTicketUrl,
    PluginFault,
    TicketError,
    TicketRefused,
    TicketSystemUnavailable,
)
from argus_tickets.loading import load
from argus_tickets.plugin import Configuration, Facts, TicketPlugin
from argus_tickets.settings import TicketPluginSetting, TicketSettings

__all__ = [
    "BadAnswer",
    "Configuration",
    "Facts",
    "NoTicketUrl",
    "NotConfigured",
    "PluginFault",
    "TicketError",
    "TicketPlugin",
    "TicketPluginSetting",
    "TicketRefused",
    "TicketSettings",
    "TicketSystemUnavailable",
    "load",
]
