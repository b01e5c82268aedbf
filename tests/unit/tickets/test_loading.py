"""How a plugin is found, and what it is held to."""

import asyncio
import logging

import pytest

from argus_runtime.settings import load as load_settings
from argus_tickets import (
    BadAnswer,
    Facts,
    NotConfigured,
    NoTicketUrl,
    PluginFault,
    TicketError,
    TicketRefused,
    TicketSettings,
    TicketSystemUnavailable,
    load,
)
from argus_tickets.guarded import Guarded

FACTS = Facts({"pk": 1}, "https://argus.example.org/incidents/1", "Alice")
SETTINGS = TicketSettings(ticket_endpoint="https://tickets.example.org/", ticket_information={"queue": "a"})


class Ours:
    """A plugin of somebody else's."""

    def __init__(self, configuration):
        self.configuration = configuration

    async def create_ticket(self, facts):
        return f"{self.configuration.endpoint}/{facts.incident['pk']}"


class Broken:
    def __init__(self, configuration):
        raise KeyError("s3cret")


class Answering:
    """A plugin that answers this, or raises it."""

    def __init__(self, answer):
        self.answer = answer

    async def create_ticket(self, _facts):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Point:
    """An entry point that names a plugin of this file; the third names none."""

    def __init__(self, name):
        self.name = name

    def load(self):
        return {"Ours": Ours, "Broken": Broken}[self.name]


def installed(*, group, name):
    assert group == "argus.tickets"
    return [Point(each) for each in ("Ours", "Broken", "Absent") if each == name]


async def test_a_plugin_of_somebody_elses_is_found_by_its_name():
    plugin = load("Ours", SETTINGS, installed=installed)
    assert await plugin.create_ticket(FACTS) == "https://tickets.example.org/1"


@pytest.mark.rule(96)
def test_without_a_plugin_the_setting_is_named():
    with pytest.raises(NotConfigured) as wrong:
        load("", TicketSettings())

    assert str(wrong.value) == (
        'No path to ticket plugin can be found in the settings. Please update the setting "TICKET_PLUGIN".'
    )
    assert wrong.value.status == 400


@pytest.mark.parametrize("name", ["nobody", "Broken", "Absent"])
def test_a_plugin_that_cannot_be_loaded_is_a_bad_gateway(name):
    with pytest.raises(PluginFault, match=name) as fault:
        load(name, SETTINGS, installed=installed)

    assert fault.value.status == 502
    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize("nothing", ["", None])
async def test_a_plugin_without_an_address_is_told_so(nothing):
    with pytest.raises(NoTicketUrl, match="No url could be generated") as wrong:
        await Guarded(Answering(nothing), "odd").create_ticket(FACTS)
    assert wrong.value.status == 400


@pytest.mark.parametrize(
    "url",
    [5, b"https://a", ["https://a"], "javascript:alert(1)", "/tickets/1", "https://a b", "https://a\x00", "http://["],
)
async def test_what_no_person_can_follow_is_no_address(url):
    with pytest.raises(BadAnswer):
        await Guarded(Answering(url), "odd").create_ticket(FACTS)


async def test_a_fault_of_a_plugin_is_logged_by_name_and_tells_nothing_of_its_secrets(caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(PluginFault, match=r"The ticket plugin \"odd\" failed: ValueError") as fault:
        await Guarded(Answering(ValueError("s3cret")), "odd").create_ticket(FACTS)

    assert fault.value.status == 502
    assert "ticket plugin odd failed: ValueError" in caplog.text
    assert "s3cret" not in caplog.text + str(fault.value)


@pytest.mark.parametrize("error", [TicketRefused("no"), TicketSystemUnavailable("later"), TicketError("odd")])
async def test_what_a_plugin_may_raise_passes(error):
    with pytest.raises(type(error)) as raised:
        await Guarded(Answering(error), "odd").create_ticket(FACTS)
    assert raised.value is error


async def test_a_slow_plugin_is_cancelled():
    class Slow:
        cancelled = False

        async def create_ticket(self, _facts):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise

    slow = Slow()
    with pytest.raises(TicketSystemUnavailable):
        await Guarded(slow, "slow", seconds=0.01).create_ticket(FACTS)
    assert slow.cancelled


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ARGUS_TICKET_ENDPOINT", "https://alice:s3cret@tickets.example.org"),
        ("ARGUS_TICKET_ENDPOINT", "file:///s3cret"),
        ("ARGUS_TICKET_ENDPOINT", "tickets.example.org/s3cret"),
        ("ARGUS_TICKET_ENDPOINT", "https://[s3cret"),
        ("ARGUS_TICKET_AUTHENTICATION_SECRET", '{"token": s3cret}'),
        ("ARGUS_TICKET_AUTHENTICATION_SECRET", '{"token": ["s3cret"]}'),
        ("ARGUS_TICKET_AUTHENTICATION_SECRET", '"s3cret"'),
        ("ARGUS_TICKET_INFORMATION", "[]"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(variable, value, monkeypatch, capsys):
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit):
        load_settings(TicketSettings)

    said = capsys.readouterr().err
    assert said.startswith(f"{variable}: ")
    assert "s3cret" not in said
