"""Request Tracker: a ticket in a queue, through REST 2.0 (RT 5, or RT 4.4 with RT::Extension::REST2)."""

from base64 import b64encode
from typing import Any

from argus_tickets.client import Client, said
from argus_tickets.errors import BadAnswer
from argus_tickets.plugin import Configuration, Facts
from argus_tickets.reading import secret, text
from argus_tickets.wording import PLAIN, Wording

API = "/REST/2.0"
PAGE = "/Ticket/Display.html?id="


class RequestTracker:
    """Opens tickets."""

    def __init__(self, configuration: Configuration) -> None:
        if configuration.secret.get("username"):
            given = secret(configuration, "username", "password")
            key = b64encode(f"{given['username']}:{given['password']}".encode()).decode()
            authorization, hidden = f"Basic {key}", (given["password"], key)
        else:
            token = secret(configuration, "token")["token"]
            authorization, hidden = f"token {token}", (token, "")
        self._queue = text(configuration.information, "queue")
        owner = configuration.information.get("owner")
        self._owner = {"Owner": str(owner)} if owner else {}
        self._wording = Wording(configuration, PLAIN)
        self._pages = configuration.endpoint + PAGE
        self._client = Client(configuration.endpoint + API, {"authorization": authorization}, hidden)

    async def create_ticket(self, facts: Facts) -> str:
        """Open a ticket and return its page."""
        body: dict[str, Any] = {
            "Queue": self._queue,
            "Subject": self._wording.title(facts),
            "Content": self._wording.body(facts),
            "ContentType": "text/plain",
            **self._owner,
        }
        if fields := self._wording.fields(facts):
            body["CustomFields"] = fields
        number = said(await self._client.post("/ticket", body), "id")
        if not (number.isascii() and number.isdecimal()):
            raise BadAnswer("The ticket system answered with what is no number of a ticket.")
        return self._pages + number
