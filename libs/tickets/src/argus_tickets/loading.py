"""Find the plugin that the settings name."""

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points

from argus_tickets.errors import NotConfigured, PluginFault, TicketError
from argus_tickets.guarded import Guarded
from argus_tickets.plugin import Configuration, TicketPlugin
from argus_tickets.settings import TicketSettings

GROUP = "argus.tickets"
KNOWN_TO_ARGUS = {
    "argus_ticket_github.GithubPlugin": "github",
    "argus_ticket_gitlab.GitlabPlugin": "gitlab",
    "argus_ticket_jira.JiraPlugin": "jira",
    "argus_ticket_rt.RequestTrackerPlugin": "rt",
}
"""How Argus names the plugins that are ours, so that its settings can be kept."""


def load(
    name: str, settings: TicketSettings, *, installed: Callable[..., Iterable[EntryPoint]] = entry_points
) -> TicketPlugin:
    """Return the plugin of this name, made with the settings; it opens nothing until it is used.

    Raises:
        NotConfigured: there is no name, or the settings lack what the plugin needs.
        PluginFault: no such plugin is installed, or it cannot be loaded.
    """
    if not name:
        raise NotConfigured(_missing("path to ticket plugin", "TICKET_PLUGIN"))
    known = KNOWN_TO_ARGUS.get(name, name)
    found = next(iter(installed(group=GROUP, name=known)), None)
    if found is None:
        raise PluginFault(f'No ticket plugin "{name}" is installed. Please update the setting "TICKET_PLUGIN".')
    if not settings.ticket_endpoint:
        raise NotConfigured(_missing("endpoint to ticket system", "TICKET_ENDPOINT"))
    secret = {key: value.get_secret_value() for key, value in settings.ticket_authentication_secret.items()}
    configuration = Configuration(settings.ticket_endpoint.rstrip("/"), secret, settings.ticket_information)
    try:
        plugin = found.load()(configuration)
    except TicketError:
        raise
    except Exception as error:  # a plugin of somebody else's may fail in any way
        raise PluginFault(f'The ticket plugin "{name}" cannot be loaded: {type(error).__name__}.') from error
    return Guarded(plugin, name)


def _missing(what: str, setting: str) -> str:
    return f'No {what} can be found in the settings. Please update the setting "{setting}".'
