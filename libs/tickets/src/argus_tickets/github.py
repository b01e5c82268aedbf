"""GitHub: an issue in a repository, of github.com or of an Enterprise Server."""

from urllib.parse import quote, urlsplit

from argus_tickets.client import Client, said
from argus_tickets.errors import NotConfigured
from argus_tickets.plugin import Configuration, Facts
from argus_tickets.reading import INFORMATION, secret, text, texts
from argus_tickets.wording import MARKDOWN, Wording

API = "https://api.github.com"
API_OF_A_SERVER = "/api/v3"


class GitHub:
    """Opens issues."""

    def __init__(self, configuration: Configuration) -> None:
        token = secret(configuration, "token")["token"]
        owner, slash, repository = text(configuration.information, "project_namespace_and_name").partition("/")
        if not (owner and slash and repository) or "/" in repository:
            raise NotConfigured(
                f'project_namespace_and_name should be "owner/repository". Please update the setting "{INFORMATION}".'
            )
        self._path = f"/repos/{quote(owner, safe='')}/{quote(repository, safe='')}/issues"
        self._assignees = texts(configuration.information, "assignees")
        self._wording = Wording(configuration, MARKDOWN)
        headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }
        self._client = Client(api_of(configuration.endpoint), headers, (token,))

    async def create_ticket(self, facts: Facts) -> str:
        """Open an issue and return its page."""
        body = {
            "title": self._wording.title(facts),
            "body": self._wording.body(facts),
            "labels": self._wording.labels(facts),
            "assignees": self._assignees,
        }
        return said(await self._client.post(self._path, body), "html_url")


def api_of(endpoint: str) -> str:
    """Return where the API of an endpoint is, be it the endpoint of the API or of the pages."""
    parts = urlsplit(endpoint)
    if parts.hostname in {"github.com", "www.github.com", "api.github.com"}:
        return API
    return endpoint if parts.path.endswith(API_OF_A_SERVER) else endpoint + API_OF_A_SERVER
