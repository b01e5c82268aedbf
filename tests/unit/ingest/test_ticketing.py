"""Tickets are opened once, whoever asks and whatever fails after it."""

import asyncio
from dataclasses import dataclass, field

import pytest

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
