"""Jira: an issue in a project, of Jira Cloud (with an e-mail address) or of a server (without)."""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from argus_tickets.client import Client, said
from argus_tickets.errors import BadAnswer, TicketRefused
from argus_tickets.plugin import Configuration, Facts
from argus_tickets.reading import secret, text
from argus_tickets.wording import JIRA, Wording

# Version 2, which servers have, too, and in which a description is text and not a document.
API = "/rest/api/2"
KEY = re.compile(r"\w+-\d+", re.ASCII)


class Jira:
    """Opens issues."""

    def __init__(self, configuration: Configuration) -> None:
        token, email = secret(configuration, "token")["token"], configuration.secret.get("email", "")
        basic = b64encode(f"{email}:{token}".encode()).decode()
        project = text(configuration.information, "project_key_or_id")
        self._project = {"id" if project.isdecimal() else "key": project}
        self._type = text(configuration.information, "type", "Task")
        assignee = configuration.information.get("assignee")
        self._assignee = {"assignee": {"accountId" if email else "name": str(assignee)}} if assignee else {}
        self._wording = Wording(configuration, JIRA)
        self._pages = configuration.endpoint + "/browse/"
        authorization = f"Basic {basic}" if email else f"Bearer {token}"
        self._client = Client(configuration.endpoint + API, {"authorization": authorization}, (token, basic))

    async def create_ticket(self, facts: Facts) -> str:
        """Open an issue and return its page."""
        fields = {
            "project": self._project,
            "issuetype": {"name": self._type},
            "summary": self._wording.title(facts),
            "description": self._wording.body(facts),
            **self._assignee,
            **await self._custom(self._wording.fields(facts)),
        }
        if labels := self._wording.labels(facts):
            fields["labels"] = [label.replace(" ", "_") for label in labels]
        key = said(await self._client.post("/issue", {"fields": fields}), "key")
        if not KEY.fullmatch(key):
            raise BadAnswer("The ticket system answered with what is no key of a ticket.")
        return self._pages + key

    async def _custom(self, named: Mapping[str, Any]) -> dict[str, Any]:
        """Return custom fields by their ids, which Jira knows alone."""
        if not named:
            return {}
        listed = await self._client.get("/field")
        fields = [field for field in listed if isinstance(field, dict)] if isinstance(listed, list) else []
        known = {key: field for field in fields for key in (field.get("name"), field.get("id"))}
        missing = [name for name in named if name not in known]
        if missing:
            raise TicketRefused(f"The ticket system has no field {missing[0]}.")
        return {said(known[name], "id"): shaped(value, known[name].get("schema")) for name, value in named.items()}


def shaped(value: Any, schema: Any) -> Any:
    """Return a text in the form that a field takes; what is no text stands as it was configured."""
    if not isinstance(value, str) or not isinstance(schema, dict):
        return value
    kind = schema.get("type")
    if kind == "array":
        return [shaped(value, {"type": schema.get("items")})]
    if kind == "option":
        return {"value": value}
    if kind == "number":
        try:
            return float(value)
        except ValueError:
            return value
    return value
