"""GitLab: an issue in a project."""

from urllib.parse import quote

from argus_tickets.client import Client, said
from argus_tickets.errors import TicketRefused
from argus_tickets.plugin import Configuration, Facts
from argus_tickets.reading import secret, text, texts
from argus_tickets.wording import MARKDOWN, Wording

API = "/api/v4"


class GitLab:
    """Opens issues."""

    def __init__(self, configuration: Configuration) -> None:
        token = secret(configuration, "token")["token"]
        project = text(configuration.information, "project_namespace_and_name").strip("/")
        self._path = f"/projects/{quote(project, safe='')}/issues"
        self._assignees = texts(configuration.information, "assignees")
        self._wording = Wording(configuration, MARKDOWN)
        self._client = Client(configuration.endpoint + API, {"private-token": token}, (token,))

    async def create_ticket(self, facts: Facts) -> str:
        """Open an issue and return its page."""
        body = {
            "title": self._wording.title(facts),
            "description": self._wording.body(facts),
            # a comma would make two of one
            "labels": ",".join(label.replace(",", " ") for label in self._wording.labels(facts)),
            "assignee_ids": [await self._id_of(name) for name in self._assignees],
        }
        return said(await self._client.post(self._path, body), "web_url")

    async def _id_of(self, name: str) -> int:
        """Return the number of a user, who may be named by it."""
        if name.isdecimal():
            return int(name)
        found = await self._client.get("/users", username=name)
        if not isinstance(found, list) or not found or not isinstance(found[0], dict):
            raise TicketRefused(f"The ticket system has no user {name}.")
        return int(said(found[0], "id"))
