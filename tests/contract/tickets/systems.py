"""Ticket systems, as their documentation describes the API, each told how to behave."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from aiohttp import web

from argus_local.ports import free_port
from argus_tickets import Facts, TicketPlugin, TicketSettings, load

INCIDENT = {
    "pk": 49,
    "start_time": "2026-11-25T01:00:00+01:00",
    "end_time": "infinity",
    "source": {"pk": 2, "name": "nav1", "type": {"name": "nav"}, "user": 6, "base_url": "http://nav1.example.org/"},
    "source_incident_id": "12345",
    "details_url": "http://nav1.example.org/alerts/12345",
    "description": "Box down",
    "level": 2,
    "ticket_url": "",
    "metadata": {},
    "tags": [{"added_by": 6, "added_time": "2026-11-22T03:11:03+01:00", "tag": "host=a.example.org"}],
    "stateful": True,
    "open": True,
    "acked": False,
}
TOKEN = "s3cret-t0ken"
MOVED = "/moved"


def facts(**changes: Any) -> Facts:
    """Return what a ticket is about."""
    return Facts({**INCIDENT, **changes}, "https://argus.example.org/incidents/49", "Alice Example")


class System:
    """A ticket system on this machine."""

    slug: str
    api: str
    """What all of its paths begin with."""
    tickets: str
    """The path below it at which tickets are opened."""
    others: tuple[str, ...] = ()
    """The paths at which something is looked up."""
    information: ClassVar[dict[str, str]]
    credentials: tuple[str, str]
    """The header that lets one in, and its value."""

    def __init__(self) -> None:
        self.port = free_port()
        self.secret = {"token": TOKEN}
        self.behaviour: Callable[[web.Request], Any] | None = None
        self.requests: list[web.Request] = []
        self.bodies: list[Any] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plugin(self, **information: Any) -> TicketPlugin:
        return load(self.slug, self.settings(**information))

    def settings(self, **information: Any) -> TicketSettings:
        return TicketSettings(
            ticket_plugin=self.slug,
            ticket_endpoint=self.endpoint,
            ticket_authentication_secret=self.secret,
            ticket_information=self.information | information,
        )

    async def move(self, _request: web.Request) -> web.Response:
        """Behave as one whose project has another name now."""
        self.behaviour = None
        return web.Response(status=307, headers={"Location": self.api + MOVED})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.behaviour is not None:
            answer: web.StreamResponse = await self.behaviour(request)
            return answer
        name, value = self.credentials
        if request.headers.get(name) != value:
            return web.json_response({"message": "Unauthorized"}, status=401)
        if request.method == "GET":
            return web.json_response(self.look_up(request))
        assert request.content_type == "application/json"
        self.bodies.append(await request.json())
        return web.json_response(self.create(request, self.bodies[-1]), status=201)

    def create(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request for a ticket."""
        raise NotImplementedError

    def look_up(self, request: web.Request) -> Any:
        """Return the answer to anything else."""
        raise NotImplementedError

    @property
    def page(self) -> str:
        """Where people see the ticket."""
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator["System"]:
        app = web.Application()
        for path in (self.tickets, MOVED):
            app.router.add_post(self.api + path, self.handle)
        for path in self.others:
            app.router.add_get(self.api + path, self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield self
        await runner.cleanup()


class GitHub(System):
    slug = "github"
    api, tickets = "/api/v3", "/repos/{owner}/{repository}/issues"
    information: ClassVar = {"project_namespace_and_name": "noc/tickets"}
    credentials = ("Authorization", f"Bearer {TOKEN}")
    page = "https://github.example.org/noc/tickets/issues/1347"

    def create(self, request, body):
        assert request.headers["Accept"] == "application/vnd.github+json"
        assert isinstance(body["title"], str)
        assert all(isinstance(label, str) for label in body.get("labels", []))
        return {"id": 1, "number": 1347, "url": f"{self.endpoint}/api/v3/x", "html_url": self.page, "state": "open"}


class GitLab(System):
    slug = "gitlab"
    api, tickets, others = "/api/v4", "/projects/{project:[^/]+}/issues", ("/users",)
    information: ClassVar = {"project_namespace_and_name": "noc/team/tickets"}
    credentials = ("PRIVATE-TOKEN", TOKEN)
    page = "https://gitlab.example.org/noc/team/tickets/-/issues/14"

    def create(self, request, body):
        assert "%2F" in request.rel_url.raw_path or request.path.endswith(MOVED)
        assert isinstance(body["labels"], str)
        assert all(isinstance(user, int) for user in body["assignee_ids"])
        return {"id": 84, "iid": 14, "project_id": 5, "state": "opened", "web_url": self.page}

    def look_up(self, request):
        users = {"alice": 12}
        name = request.query["username"]
        return [{"id": users[name], "username": name}] if name in users else []


class Jira(System):
    slug = "jira"
    api, tickets, others = "/rest/api/2", "/issue", ("/field",)
    information: ClassVar = {"project_key_or_id": "NOC"}
    credentials = ("Authorization", f"Bearer {TOKEN}")

    @property
    def page(self):
        return f"{self.endpoint}/browse/NOC-24"

    def create(self, request, body):
        fields = body["fields"]
        assert {"project", "issuetype", "summary"} <= set(fields)
        assert all(" " not in label for label in fields.get("labels", []))
        return {"id": "10000", "key": "NOC-24", "self": f"{self.endpoint}/rest/api/2/issue/10000"}

    def look_up(self, request):
        return [
            {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
            {"id": "customfield_10010", "name": "Host", "custom": True, "schema": {"type": "string"}},
            {"id": "customfield_10011", "name": "Site", "custom": True, "schema": {"type": "option"}},
            {
                "id": "customfield_10012",
                "name": "Teams",
                "custom": True,
                "schema": {"type": "array", "items": "option"},
            },
            {"id": "customfield_10013", "name": "Weight", "custom": True, "schema": {"type": "number"}},
        ]


class RequestTracker(System):
    slug = "rt"
    api, tickets = "/REST/2.0", "/ticket"
    information: ClassVar = {"queue": "General"}
    credentials = ("Authorization", f"token {TOKEN}")

    @property
    def page(self):
        return f"{self.endpoint}/Ticket/Display.html?id=20"

    def create(self, request, body):
        assert body["Queue"] == "General"
        assert "\n" not in body["Subject"]
        return {"_url": f"{self.endpoint}/REST/2.0/ticket/20", "type": "ticket", "id": "20"}


SYSTEMS: dict[str, type[System]] = {each.slug: each for each in (GitHub, GitLab, Jira, RequestTracker)}
