"""The examples of docs/tickets.md work."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from argus_tickets import Configuration, Facts, NotConfigured, TicketRefused, TicketSettings, load

PAGE = (Path(__file__).parents[3] / "docs" / "tickets.md").read_text()
SETTINGS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", SETTINGS, ids=["github", "gitlab", "jira", "rt"])
def test_settings_are_accepted_as_documented(example, monkeypatch):
    for assignment in shlex.split(example):
        monkeypatch.setenv(*assignment.split("=", 1))

    settings = TicketSettings()

    load(settings.ticket_plugin, settings)


async def test_the_documented_plugin_is_one():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code, scope)
    plugin = scope["Desk"](Configuration("https://desk.example.org", {}, {"desk": "noc"}))

    assert await plugin.create_ticket(Facts({"pk": 7, "level": 2}, "", "")) == "https://desk.example.org/noc/7"
    with pytest.raises(TicketRefused):
        await plugin.create_ticket(Facts({"pk": 7, "level": 4}, "", ""))
    with pytest.raises(NotConfigured):
        scope["Desk"](Configuration("https://desk.example.org"))
