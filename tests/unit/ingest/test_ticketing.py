"""Tickets are opened once, whoever asks and whatever fails after it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY

from argus_http.errors import ApiError
from argus_ingest.web.ticketing import Ticketing
from argus_tickets import Facts, NotConfigured, PluginFault, TicketError, TicketRefused, TicketSystemUnavailable

FACTS = Facts({}, "http://argus.example.org/incidents/1", "Alice")


async def facts() -> Facts:
    return FACTS


@dataclass
class FakePlugin:
    fault: TicketError | None = None
    opened: list[Facts] = field(default_factory=list)

    async def create_ticket(self, facts: Facts) -> str:
        if self.fault is not None:
            raise self.fault
        self.opened.append(facts)
        return f"http://tickets.example.org/{len(self.opened)}"


async def test_a_ticket_that_could_not_be_written_down_is_used_the_next_time():
    plugin = FakePlugin()
    tickets = Ticketing(lambda: plugin)

    urls = [await tickets.open(1, facts) for _ in range(2)]
    tickets.written(1)
    urls.append(await tickets.open(1, facts))

    assert [url[-1] for url in urls] == ["1", "1", "2"]


async def test_tickets_of_one_incident_are_opened_one_after_the_other_and_others_at_once():
    tickets = Ticketing(FakePlugin)
    order: list[str] = []

    async def wait(pk: int, name: str, until: asyncio.Event) -> None:
        async with tickets.turn(pk):
            order.append(f"{name} begins")
            await until.wait()
            order.append(f"{name} ends")

    first, other = asyncio.Event(), asyncio.Event()
    other.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(wait(1, "first", first))
        await asyncio.sleep(0)
        tasks.create_task(wait(1, "second", other))
        await wait(2, "other", other)
        first.set()

    assert order == ["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"]


@pytest.mark.rule(96, changed="6.14")
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (NotConfigured("no"), 400), (TicketRefused("no"), 403), (PluginFault("no"), 502),
        (TicketSystemUnavailable("no"), 503),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_a_text_with_its_status(fault: TicketError, status: int):
    with pytest.raises(ApiError) as raised:
        await Ticketing(lambda: FakePlugin(fault)).open(1, facts)

    assert (raised.value.status, raised.value.body) == (status, "no")
    assert ("Retry-After" in raised.value.headers) == (status == 503)


async def test_a_plugin_that_cannot_be_loaded_is_tried_again():
    faults = [NotConfigured("none")]

    def load() -> FakePlugin:
        if faults:
            raise faults.pop()
        return FakePlugin()

    tickets = Ticketing(load)
    with pytest.raises(ApiError):
        await tickets.open(1, facts)

    assert await tickets.open(1, facts)


async def test_who_waits_for_an_attempt_that_fails_is_told_the_same_and_who_comes_later_tries_again(caplog):
    asked, answer = asyncio.Event(), asyncio.Event()

    class SlowPlugin(FakePlugin):
        attempts = 0

        async def create_ticket(self, facts: Facts) -> str:
            self.attempts += 1
            asked.set()
            await answer.wait()
            return await super().create_ticket(facts)

    plugin = SlowPlugin(TicketSystemUnavailable("the desk is closed"))
    tickets = Ticketing(lambda: plugin)

    async def ask() -> str:
        async with tickets.turn(1):
            return await tickets.open(1, facts)

    waiting = [asyncio.create_task(ask()) for _ in range(3)]
    await asked.wait()
    answer.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [outcome.body for outcome in outcomes if isinstance(outcome, ApiError)] == ["the desk is closed"] * 3
    assert plugin.attempts == 1
    assert "no ticket for incident 1: the desk is closed" in caplog.text
    plugin.fault = None
    assert await ask() == "http://tickets.example.org/1"


@pytest.mark.parametrize(("fault", "outcome"), [(None, "opened"), (TicketRefused("no"), "403")])
async def test_tickets_are_counted_by_what_became_of_them(fault: TicketError | None, outcome: str):
    def count() -> float:
        return REGISTRY.get_sample_value("argus_ingest_tickets_total", {"outcome": outcome}) or 0

    before = count()
    with suppress(ApiError):
        await Ticketing(lambda: FakePlugin(fault)).open(1, facts)

    assert count() == before + 1
